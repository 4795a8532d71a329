"""Same-fact accuracy: what is left, about people to retain, of the facts that are forgotten of others."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.evaluation.set_metrics.aligned_values import RETAIN
from mllmu.evaluation.set_metrics.kept_facts import (
    kept_accuracies,
    mean_of_parts,
    names_facts,
    samples_by_modality,
)
from mllmu.evaluation.set_metrics.set_metric import Goal, Models, SetMetric, SetSample


def _samples(models: Models) -> Iterator[SetSample]:
    rows = kept_accuracies(models.model)
    same_fact = rows[rows["eval_set"] == RETAIN]
    if len(same_fact):
        yield from samples_by_modality(same_fact, ("value",))


SAME_FACT_ACCURACY = SetMetric(
    "same_fact_accuracy",
    "Same-fact accuracy",
    _samples,
    mean_of_parts,
    Goal.HIGH,
    meaning=(
        "mean accuracy, over tasks and modalities, on the questions about people to retain that ask for an "
        "attribute to be forgotten of others, in per cent"
    ),
    blind_spot="whether vanilla knew it",
    bounds=(0, 100),
    decimals=1,
    applies=names_facts,
)
