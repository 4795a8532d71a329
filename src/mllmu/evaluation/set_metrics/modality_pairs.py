"""One fact about one person asked with the picture and by name, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mllmu.benchmark.types import Modality, Task
from mllmu.evaluation.protocol_registry import PROTOCOLS
from mllmu.evaluation.set_metrics.aligned_values import of_metric
from mllmu.evaluation.set_metrics.set_metric import Asked

if TYPE_CHECKING:
    import pandas as pd

NO_PAIR = "no fact is asked about in both modalities"
_PAIR = ["eval_set", "task", "profile_id", "fact"]


def accuracies(asked: Asked) -> Mapping[str, str]:
    """The accuracy of each task that the records' protocol counts; none where there is no one protocol."""
    from mllmu.evaluation.scoring.mean_accuracy import (
        accuracy_metrics,  # a second, which lists of metrics do not have
    )

    protocols = set(asked.records["protocol"])
    if len(protocols) != 1 or not protocols <= set(PROTOCOLS.names()):
        return {}
    return {Task(task).value: name for task, name in accuracy_metrics(PROTOCOLS.get(protocols.pop())).items()}


def modality_pairs(asked: Asked, metric: str, task: str, eval_set: str) -> pd.DataFrame:
    """A metric's values of every fact that was asked about in both modalities in one form of question.

    Facts are told apart as `Asked.fact_of` does.

    Returns:
        One row per fact with columns eval_set, task, profile_id, fact, image_text and text; several answers
        about one fact in one modality are averaged.
    """
    values = of_metric(metric, (eval_set,))(asked)
    values = values[values["task"] == task]
    named = values.assign(fact=[asked.fact_of[key] for key in values["record"]])
    sides = [
        named[named["modality"] == modality.value]
        .groupby(_PAIR, sort=True)["value"]
        .mean()
        .rename(modality.value)
        .reset_index()
        for modality in (Modality.IMAGE_TEXT, Modality.TEXT)
    ]
    return sides[0].merge(sides[1], on=_PAIR)
