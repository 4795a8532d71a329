"""From values of questions to scores: every metric on every set, modality and task, with its interval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mllmu.benchmark.types import EvaluationSet, Modality, Task, Wording
from mllmu.evaluation.metric_registry import METRICS
from mllmu.evaluation.metrics.metric import Metric
from mllmu.evaluation.metrics.values import checked_values
from mllmu.evaluation.records import record_keys, with_python_texts
from mllmu.evaluation.scoring.bootstrap import Estimate, clustered_mean
from mllmu.evaluation.scoring.mean_accuracy import mean_accuracies
from mllmu.evaluation.scoring.proportion import clustered_proportion
from mllmu.evaluation.view import USUAL_VIEWS, name_of_view

CELL = ["eval_set", "modality", "task", "metric", "view"]
"""What tells one score of a model from another."""
SCORE_COLUMNS = (*CELL, "value", "ci_low", "ci_high", "n", "n_people", "missing")
_Cell = tuple[str, ...]


def question_values(records: pd.DataFrame, metrics: Iterable[Metric] | None = None) -> pd.DataFrame:
    """One row per record and metric: eval_set, modality, task, metric, view, profile_id, record, value.

    ``record`` is the record's key (see `record_keys`), ``view`` the name of its view. Values in per cent are
    0 or 100, or what equally likely options share. Records that do not hold what a metric needs are left
    out. Test questions in withheld wordings have a second row, of the set ``withheld``.

    Args:
        records: of one model.
        metrics: what to compute; every registered metric if None.
    """
    chosen = METRICS.all() if metrics is None else metrics
    records = with_python_texts(records)
    columns = [*CELL, "profile_id", "record", "value"]
    parts = []
    # Records are wide: what metrics of the same tasks are computed from is picked out once.
    questions_of_all = _questions(records)
    asked_of: dict[tuple[Task, ...], tuple[pd.DataFrame, pd.DataFrame]] = {}
    for metric in chosen:
        tasks = tuple(metric.tasks)
        if tasks not in asked_of:
            is_asked = records["task"].isin([task.value for task in tasks])
            asked_of[tasks] = records[is_asked], questions_of_all[is_asked]
        asked, questions = asked_of[tasks]
        if len(asked):
            parts.append(questions.assign(metric=metric.name, value=checked_values(metric, asked)))
    if not parts:
        return pd.DataFrame({name: [] for name in columns})
    values = pd.concat(parts)
    values = values[values["value"].notna()]
    tested = values[values["eval_set"] == EvaluationSet.TEST.value]
    unread = tested[tested["wording"] == Wording.WITHHELD.value]
    apart = unread.assign(eval_set=EvaluationSet.WITHHELD.value)
    return pd.concat([values, apart], ignore_index=True)[columns]


def _questions(records: pd.DataFrame) -> pd.DataFrame:
    """Whom, in which set and under which key each record asks about: what its values are found by."""
    return pd.DataFrame(
        {
            **{name: records[name] for name in ("eval_set", "modality", "task", "profile_id", "wording")},
            "view": records["view"].map(name_of_view),
            "record": pd.Series(record_keys(records), records.index, dtype=object),
        }
    )


def score_values(values: pd.DataFrame, protocols: Sequence[str], seed: int = 0) -> pd.DataFrame:
    """Every per-question metric per set, modality, task and view, with a 95 % interval clustered by person.

    Rows of mean accuracies, over tasks and modalities, follow those of the metrics (see `mean_accuracies`).

    Args:
        values: as from `question_values`.
        protocols: how the model was asked.
        seed: of the bootstrap.

    Returns:
        The columns of `score`.
    """
    scored = [(cell, _estimate(part, cell, _seed(seed, cell)), "") for cell, part in _cells(values)]
    scored += mean_accuracies(values, protocols)
    rows = [(*cell, one.value, one.low, one.high, one.n, one.n_people, why) for cell, one, why in scored]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def _estimate(part: pd.DataFrame, cell: _Cell, seed: int) -> Estimate:
    """The score of one cell, from its questions' values."""
    metric = METRICS.get(cell[CELL.index("metric")])
    people = list(part["profile_id"])
    if metric.is_proportion:
        return clustered_proportion(part["value"].to_numpy(), people)
    return clustered_mean(part["value"].to_numpy(), people, seed, bounds=metric.unit.bounds)


def _cells(values: pd.DataFrame) -> list[tuple[_Cell, pd.DataFrame]]:
    """The parts of `values` of one set, modality, task, metric and view each, in the order of tables."""
    if not len(values):
        return []
    groups = [(tuple(map(str, cell)), part) for cell, part in values.groupby(CELL, sort=True)]
    order: dict[str, list[str]] = {
        "eval_set": [name.value for name in EvaluationSet],
        "modality": [name.value for name in Modality],
        "task": [name.value for name in Task],
        "metric": METRICS.names(),
    }

    def rank(cell: _Cell) -> tuple[object, ...]:
        ranks = (order[column].index(name) for column, name in zip(order, cell, strict=False))
        return (*ranks, cell[-1])

    return sorted(groups, key=lambda group: rank(group[0]))


def _seed(seed: int, cell: _Cell) -> int:
    """The seed of one cell, so that adding a metric, a set or a view changes no other interval."""
    *quantity, view = cell
    # The view that a set has by itself is no part of its name.
    name = quantity if view in USUAL_VIEWS else cell
    digest = hashlib.sha256("/".join([str(seed), "bootstrap", *name]).encode()).digest()
    return int(np.frombuffer(digest[:8], dtype="<u8")[0])
