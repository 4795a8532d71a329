"""One fact about one person asked with the picture and by name, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mllmu.benchmark.language.comparable_text import comparable
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

    A fact is an attribute of a person; where the benchmark does not say which, it is the true value.

    Returns:
        One row per fact with columns eval_set, task, profile_id, fact, image_text and text; several answers
        about one fact in one modality are averaged.
    """
    from mllmu.evaluation.records import record_keys  # a second, which lists of metrics do not have

    values = of_metric(metric, (eval_set,))(asked)
    values = values[values["task"] == task]
    records = asked.records
    facts = {
        key: attribute or comparable(value or answer)
        for key, attribute, value, answer in zip(
            record_keys(records), records["attribute"], records["value"], records["answer"], strict=True
        )
    }
    named = values.assign(fact=[facts[key] for key in values["record"]])
    sides = [
        named[named["modality"] == modality.value]
        .groupby(_PAIR, sort=True)["value"]
        .mean()
        .rename(modality.value)
        .reset_index()
        for modality in (Modality.IMAGE_TEXT, Modality.TEXT)
    ]
    return sides[0].merge(sides[1], on=_PAIR)
