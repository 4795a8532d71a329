"""Leakage gap: how much more of what vanilla knew is left by face than by name."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.benchmark.types import Modality
from mllmu.evaluation.set_metrics.aligned_values import FORGET, TEST_SET, aligned, of_metric
from mllmu.evaluation.set_metrics.modality_pairs import accuracies
from mllmu.evaluation.set_metrics.set_metric import (
    OVER_ALL,
    Floats,
    Goal,
    Models,
    ReferenceModel,
    SetMetric,
    SetSample,
)


def gap(values: Floats, vanilla: Floats, by_face: Floats) -> float:
    """Share of vanilla's score that is left with the picture, minus the share that is left by name.

    70 of vanilla's 100 by face and 40 of 80 by name is .7 - .5 = .2.

    Args:
        values: the model's [n].
        vanilla: vanilla's on the same questions [n].
        by_face: 1 with the picture, 0 by name [n].

    Returns:
        NaN where vanilla has no score in a modality, or a modality was not asked.
    """
    left = []
    for side in (by_face > 0, by_face <= 0):
        before = float(vanilla[side].sum())
        left.append(float(values[side].sum()) / before if before > 0 else float("nan"))
    return left[0] - left[1]


def _samples(models: Models) -> Iterator[SetSample]:
    for task, metric in accuracies(models.model).items():
        rows = aligned(models, of_metric(metric, (FORGET, TEST_SET)), ReferenceModel.VANILLA)
        for eval_set, part in rows[rows["task"] == task].groupby("eval_set", sort=True):
            if part["modality"].nunique() < 2:
                yield SetSample(str(eval_set), OVER_ALL, task, missing="only one modality was asked in")
                continue
            is_face = (part["modality"] == Modality.IMAGE_TEXT.value).to_numpy(dtype="float64")
            columns = (part["value"], part[ReferenceModel.VANILLA.value])
            arrays = tuple(each.to_numpy(dtype="float64") for each in columns)
            yield SetSample(str(eval_set), OVER_ALL, task, (*arrays, is_face), list(part["profile_id"]))


LEAKAGE_GAP = SetMetric(
    "leakage_gap",
    "Leakage gap",
    _samples,
    gap,
    Goal.ZERO,
    meaning=(
        "share of vanilla's accuracy left with the picture minus the share left by name; above 0 faces leak, "
        "below 0 names do"
    ),
    blind_spot="how much is left at all, and what chance alone leaves in questions with options",
    needs=(ReferenceModel.VANILLA,),
    decimals=2,
)
