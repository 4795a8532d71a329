"""How much a model knows in one number: the mean of its accuracies over tasks and modalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mllmu.benchmark.types import EvaluationSet, Modality, Task
from mllmu.evaluation.protocol import Protocol
from mllmu.evaluation.protocol_registry import PROTOCOLS
from mllmu.evaluation.scoring.bootstrap import Estimate
from mllmu.evaluation.scoring.proportion import clustered_proportion
from mllmu.evaluation.view import USUAL_VIEWS

MEAN_ACCURACY = "mean_accuracy"
"""What results call it in the column ``metric``; no metric may have that name."""
ALL = "all"
"""What stands for the task, and for the modality, of a mean over them."""
_NO_MEAN = Estimate(float("nan"), float("nan"), float("nan"), 0)


def accuracy_metrics(protocol: Protocol) -> Mapping[Task, str]:
    """The metric of each task that is averaged: one accuracy in per cent for every form of question."""
    return {**protocol.headline, Task.GENERATION: "generation_contains"}


def mean_accuracies(
    values: pd.DataFrame, protocols: Sequence[str]
) -> list[tuple[tuple[str, ...], Estimate, str]]:
    """Mean accuracy per set and modality, over tasks, and per set, over tasks and modalities.

    Every task of every modality counts the same, however many questions it has. The same people are asked
    in all of them, so the interval is that of the mean itself, from differences between people (see
    `clustered_proportion`); intervals of the parts cannot be put together. Further views do not count, nor
    does what can be seen in a portrait, which is no knowledge.

    Args:
        values: as from `question_values`.
        protocols: how the model was asked; there are no means unless this is one installed protocol.

    Returns:
        For each mean of at least two parts its set, modality (``all`` over both), task (``all``), metric
        (``mean_accuracy``) and view (none), the mean in per cent, and why there is none (NaN): a part was
        asked and has no accuracy, without which the mean would be of something else.
    """
    if len(protocols) != 1 or protocols[0] not in PROTOCOLS.names():
        return []
    named = accuracy_metrics(PROTOCOLS.get(protocols[0]))
    is_usual = values["view"].isin(USUAL_VIEWS)
    is_accuracy = [
        named.get(Task(task)) == name for task, name in zip(values["task"], values["metric"], strict=True)
    ]
    usual = values[is_usual].assign(
        part=values["modality"] + "/" + values["task"],
        is_accuracy=pd.Series(is_accuracy, values.index, dtype=bool),
    )
    means: list[tuple[tuple[str, ...], Estimate, str]] = []
    for eval_set in (each.value for each in EvaluationSet if each is not EvaluationSet.PERCEPTION):
        of_set = usual[usual["eval_set"] == eval_set]
        cases = [(each.value, of_set[of_set["modality"] == each.value]) for each in Modality]
        for modality, part in [*cases, (ALL, of_set)]:
            scored = part[part["is_accuracy"]]
            parts = list(scored["part"])
            cell = (eval_set, modality, ALL, MEAN_ACCURACY, "")
            if lacking := sorted(set(part["part"]) - set(parts)):
                means.append((cell, _NO_MEAN, f"no accuracy of {', '.join(lacking)} is there"))
            elif len(set(parts)) > 1:
                people = list(scored["profile_id"])
                means.append((cell, clustered_proportion(scored["value"].to_numpy(), people, parts), ""))
    return means
