"""Membership inference: can people to forget be told from people no model ever met, by how answers score?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mllmu.benchmark.types import Task
from mllmu.evaluation.recorded_extras import ATTACKED_SETS
from mllmu.evaluation.set_metrics.aligned_values import FORGET, aligned, of_records
from mllmu.evaluation.set_metrics.attacks import ATTACKS, loss
from mllmu.evaluation.set_metrics.discrimination import area_under_curve, true_positive_rate
from mllmu.evaluation.set_metrics.set_metric import (
    OVER_ALL,
    Goal,
    Interval,
    Models,
    ReferenceModel,
    SetMetric,
    SetSample,
)

if TYPE_CHECKING:
    import pandas as pd

REFERENCE_LOSS = "reference_loss"
_TASKS = (Task.GENERATION.value, Task.CLOZE.value)
_SETS = tuple(each.value for each in ATTACKED_SETS)
NO_HOLDOUT = "no holdout people were asked about"


def member_samples(rows: pd.DataFrame, columns: tuple[str, ...], of: str) -> Iterator[SetSample]:
    """One sample for each modality and task, of people to forget and holdout people.

    Args:
        rows: columns eval_set, modality, task, profile_id, and `columns`.
        columns: what the statistic takes; whether somebody is to be forgotten (1 or 0) follows.
        of: see `SetSample`.
    """
    for (modality, task), part in rows.groupby(["modality", "task"], sort=True):
        if set(part["eval_set"]) != set(_SETS):
            yield SetSample(FORGET, str(modality), str(task), of=of, missing=NO_HOLDOUT)
            continue
        scores = tuple(part[name].to_numpy(dtype="float64") for name in columns)
        is_member = (part["eval_set"] == FORGET).to_numpy(dtype="float64")
        people = list(part["profile_id"])
        yield SetSample(
            FORGET, str(modality), str(task), (*scores, is_member), people, list(part["eval_set"]), of
        )


def _samples(models: Models) -> Iterator[SetSample]:
    for attack, compute in ATTACKS.items():
        yield from member_samples(of_records(compute, _TASKS, _SETS)(models.model), ("value",), attack)
    if why := models.lacks(ReferenceModel.RETRAINED):
        yield SetSample(FORGET, OVER_ALL, OVER_ALL, of=REFERENCE_LOSS, missing=why)
        return
    rows = aligned(models, of_records(loss, _TASKS, _SETS), ReferenceModel.RETRAINED)
    # How much likelier the answer is than to a model that met neither group.
    rows = rows.assign(value=rows["value"] - rows[ReferenceModel.RETRAINED.value])
    yield from member_samples(rows, ("value",), REFERENCE_LOSS)


_BLIND_SPOT = (
    "whether the two groups differ in more than having been taught: the retrained model's number shows it"
)

MEMBERSHIP_AUC = SetMetric(
    "membership_auc",
    "Membership AUC",
    _samples,
    area_under_curve,
    Goal.RETRAINED,
    meaning=(
        "chance that the answer about a person to forget scores above that about a holdout person, 0 to 1; "
        "below the retrained model's, people stand out by being forgotten"
    ),
    blind_spot=_BLIND_SPOT,
    bounds=(0, 1),
)

MEMBERSHIP_TPR = SetMetric(
    "membership_tpr",
    "Membership TPR at 1 % FPR",
    _samples,
    true_positive_rate,
    Goal.RETRAINED,
    meaning=(
        "share of answers about people to forget that score above all but 1 % of those about holdout people, "
        "0 to 1"
    ),
    blind_spot=f"{_BLIND_SPOT}; with fewer than 100 holdout answers a single one of them decides",
    bounds=(0, 1),
    # The threshold is among the highest scores of holdout people, and resamples do not know higher ones: of
    # 10 and 25 people 95 % intervals held the truth in 48 to 87 % of simulated evaluations.
    interval=Interval.NONE,
)
