"""Over-forgetting: what is lost of the facts nearest to those that are to be forgotten (SALMUBench)."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.evaluation.set_metrics.aligned_values import RETAIN, SAME_PERSON, aligned
from mllmu.evaluation.set_metrics.kept_facts import (
    kept_accuracies,
    mean_of_parts,
    names_facts,
    samples_by_modality,
)
from mllmu.evaluation.set_metrics.set_metric import (
    Floats,
    Goal,
    Models,
    ReferenceModel,
    SetMetric,
    SetSample,
)

_OF = {SAME_PERSON: "other_facts", RETAIN: "other_people"}


def points_lost(values: Floats, vanilla: Floats, parts: Floats) -> float:
    """Vanilla's mean accuracy minus the model's, the parts counting the same.

    70 of vanilla's 90 per cent in one part and 80 of 80 in another are 10 points lost.

    Args:
        values: the model's, 0 or 100 [n].
        vanilla: vanilla's on the same questions [n].
        parts: which task and modality each is of, counted from 0 [n].
    """
    return mean_of_parts(vanilla - values, parts)


def _samples(models: Models) -> Iterator[SetSample]:
    rows = aligned(models, kept_accuracies, ReferenceModel.VANILLA)
    for eval_set, of in _OF.items():
        part = rows[rows["eval_set"] == eval_set]
        if len(part):
            yield from samples_by_modality(part, ("value", ReferenceModel.VANILLA.value), of)


OVER_FORGETTING = SetMetric(
    "over_forgetting",
    "Over-forgetting",
    _samples,
    points_lost,
    Goal.LOW,
    meaning=(
        "vanilla's mean accuracy minus the model's, in points of 100, where some facts alone are to be "
        "forgotten: on other facts of the same people, and on the same facts of people to retain"
    ),
    blind_spot="whether what was to be forgotten is forgotten: a model that was not changed has 0",
    needs=(ReferenceModel.VANILLA,),
    bounds=(-100, 100),
    decimals=1,
    applies=names_facts,
)
