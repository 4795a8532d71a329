"""Values of several models side by side for the same questions, and samples made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation.set_metrics.set_metric import OVER_ALL, Asked, Models, ReferenceModel, SetSample

if TYPE_CHECKING:
    import pandas as pd

    from mllmu.evaluation.metrics.metric import Values

FORGET, TEST_SET, TRAINED = (
    each.value for each in (EvaluationSet.FORGET, EvaluationSet.TEST, EvaluationSet.TRAINED)
)
RETAIN, CELEBRITY, HOLDOUT = (
    each.value for each in (EvaluationSet.RETAIN, EvaluationSet.CELEBRITY, EvaluationSet.HOLDOUT)
)
SAME_PERSON = EvaluationSet.SAME_PERSON.value
COMPARED_SETS = (FORGET, TEST_SET, TRAINED, HOLDOUT)
"""What is compared with references: all that is asked about people to forget, and about those never met."""
CELL = ("eval_set", "modality", "task")
_QUESTION = [*CELL, "profile_id", "record"]

Taken = Callable[[Asked], "pd.DataFrame"]
"""What one model's answers give: columns eval_set, modality, task, profile_id, record, value."""


def of_metric(metric: str, eval_sets: Sequence[str]) -> Taken:
    """Take a per-question metric's values on some sets, shown as the sets show people by themselves."""

    def take(asked: Asked) -> pd.DataFrame:
        values = asked.usual_values_of(metric)
        return values.loc[values["eval_set"].isin(list(eval_sets)), [*_QUESTION, "value"]]

    return take


def of_metrics(eval_sets: Sequence[str]) -> Taken:
    """Take every per-question metric's values on some sets, as `of_metric` does; a column says of which."""

    def take(asked: Asked) -> pd.DataFrame:
        values = asked.usual_values
        return values.loc[values["eval_set"].isin(list(eval_sets)), [*_QUESTION, "metric", "value"]]

    return take


def of_records(
    compute: Callable[[pd.DataFrame], Values], tasks: Sequence[str], eval_sets: Sequence[str]
) -> Taken:
    """Take what a function of records gives on some tasks and sets; records without a value are left out."""

    def take(asked: Asked) -> pd.DataFrame:
        records = usual_records(asked, tasks, eval_sets)
        keys = asked.keys[records.index]
        rows = records.assign(record=keys, value=compute(records))[[*_QUESTION, "value"]]
        return rows[rows["value"].notna()]

    return take


def usual_records(asked: Asked, tasks: Sequence[str], eval_sets: Sequence[str]) -> pd.DataFrame:
    """The records of some tasks and sets, without those under further views."""
    records = asked.records
    chosen = records["eval_set"].isin(list(eval_sets)) & records["task"].isin(list(tasks))
    return records[chosen & asked.is_usual]


def aligned(models: Models, take: Taken, *references: ReferenceModel) -> pd.DataFrame:
    """The values of the model and of references, one row per question (and metric) that all have a value for.

    Rows belong together by the question's identity, never by their place.

    Returns:
        The columns that are taken, and one per reference, by its name.
    """
    joined = take(models.model)
    for reference in references:
        asked = models.of(reference)
        assert asked is not None  # a metric's `needs` has been looked at
        others = take(asked)
        # A merge of few rows on five columns takes ten times longer.
        value_of = dict(zip(_questions(others), others["value"], strict=True))
        values = [value_of.get(question, math.nan) for question in _questions(joined)]
        joined = joined.assign(**{reference.value: values}).dropna(subset=[reference.value])
    return joined.reset_index(drop=True)


def _questions(rows: pd.DataFrame) -> Iterator[tuple[object, object]]:
    """What tells values apart: a record's key, the set, as withheld questions are of two, and the metric."""
    return zip(*(rows[name] for name in ("record", "eval_set", "metric") if name in rows), strict=True)


def samples_by_cell(
    rows: pd.DataFrame, columns: Sequence[str], of: str = "", by: Sequence[str] = CELL
) -> Iterator[SetSample]:
    """One sample for each set, modality and task.

    Args:
        rows: columns eval_set, modality, task, profile_id, and `columns`.
        columns: what the statistic takes, in its order.
        of: see `SetSample`.
        by: what has a number of its own; over the others the number is one of all.
    """
    for cell, part in rows.groupby(list(by), sort=True):
        named = dict(zip(by, map(str, cell), strict=True))
        eval_set, modality, task = (named.get(name, OVER_ALL) for name in CELL)
        yield SetSample(
            eval_set,
            modality,
            task,
            columns=tuple(part[name].to_numpy(dtype="float64") for name in columns),
            people=list(part["profile_id"]),
            of=of,
        )
