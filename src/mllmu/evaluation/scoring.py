"""From records to scores: every metric on every set, modality and task, with its interval."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from mllmu.benchmark.types import EvaluationSet, Modality, Task
from mllmu.evaluation.metrics import METRICS
from mllmu.evaluation.records import record_keys
from mllmu.evaluation.statistics import clustered_mean, paired_difference

_CELL = ["eval_set", "modality", "task", "metric"]
SCORE_COLUMNS = (*_CELL, "value", "ci_low", "ci_high", "n")
COMPARISON_COLUMNS = (*_CELL, "value", "ci_low", "ci_high", "n", "p_value")
_ORDER: dict[str, list[str]] = {
    "eval_set": [name.value for name in EvaluationSet],
    "modality": [name.value for name in Modality],
    "task": [name.value for name in Task],
    "metric": list(METRICS),
}


def question_values(records: pd.DataFrame) -> pd.DataFrame:
    """One row per record and metric: eval_set, modality, task, metric, profile_id, record, value.

    ``record`` is the record's key (see `record_keys`). Values in per cent are 0 or 100. Records that do not
    hold what a metric needs are left out.
    """
    columns = [*_CELL, "profile_id", "record", "value"]
    parts = []
    records = records.assign(record=pd.Series(record_keys(records), records.index, dtype=object))
    for metric in METRICS.values():
        asked = records[records["task"].isin([task.value for task in metric.tasks])]
        if len(asked):
            parts.append(asked.assign(metric=metric.name, value=metric.compute(asked))[columns])
    if not parts:
        return pd.DataFrame({name: [] for name in columns})
    values = pd.concat(parts, ignore_index=True)
    return values[values["value"].notna()].reset_index(drop=True)


def score(records: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Mean of every metric per set, modality and task, with a 95 % interval clustered by person.

    Returns:
        Columns eval_set, modality, task, metric, value, ci_low, ci_high, n (records); accuracies in per
        cent, a judge's scores in 1..10, everything else in 0..1.
    """
    rows = []
    for cell, part in _cells(question_values(records)):
        estimate = clustered_mean(part["value"].to_numpy(), list(part["profile_id"]), _seed(seed, cell))
        rows.append((*cell, estimate.value, estimate.low, estimate.high, estimate.n))
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def compare(first: pd.DataFrame, second: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Mean difference `first` - `second` of every metric, on the questions both models were asked alike.

    Returns:
        Columns eval_set, modality, task, metric, value, ci_low, ci_high, n, p_value (two-sided, paired
        bootstrap clustered by person).
    """
    keys = [*_CELL, "profile_id", "record"]
    both = question_values(first).merge(question_values(second), on=keys, suffixes=("_first", "_second"))
    rows = []
    for cell, part in _cells(both):
        pair = part["value_first"].to_numpy(), part["value_second"].to_numpy()
        gap = paired_difference(*pair, list(part["profile_id"]), _seed(seed, cell))
        rows.append((*cell, gap.value, gap.low, gap.high, gap.n, gap.p_value))
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def _cells(values: pd.DataFrame) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """The parts of `values` that belong to one set, modality, task and metric, in the order tables use."""
    if not len(values):
        return []
    groups = [(tuple(map(str, cell)), part) for cell, part in values.groupby(_CELL, sort=True)]
    return sorted(groups, key=lambda group: tuple(map(_rank, _CELL, group[0])))


def _rank(column: str, name: str) -> int:
    return _ORDER[column].index(name)


def _seed(seed: int, cell: tuple[str, ...]) -> int:
    """The seed of one cell, so that adding a metric or a set changes no other interval."""
    digest = hashlib.sha256("/".join([str(seed), "bootstrap", *cell]).encode()).digest()
    return int(np.frombuffer(digest[:8], dtype="<u8")[0])
