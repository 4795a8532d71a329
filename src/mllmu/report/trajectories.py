"""The table of trajectories, looked up model by model, with seeds averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mllmu.evaluation.scoring.equal_utility import Totals, Trajectory
from mllmu.report.names import FORGOTTEN_SETS, UTILITY_SETS, accuracies
from mllmu.report.result_columns import KEYS, Condition, named, tidied
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

PASSES = "passes"
_CELL = ["eval_set", "modality", "task"]


class Trajectories:
    """What models knew on their way, over all accuracies of a protocol.

    Args:
        frame: that of ``trajectory.parquet``; None where there is none.
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self._rows: Mapping[tuple[Lineage, Condition], pd.DataFrame] = {}
        if frame is not None:
            groups = tidied(frame).groupby(list(KEYS), sort=False, dropna=False)
            self._rows = {named(key)[:2]: rows for key, rows in groups}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def passes(self, lineage: Lineage, condition: Condition) -> list[float]:
        """Return after how many passes a model was asked, vanilla first; empty where nothing is known."""
        rows = self._rows.get((lineage, condition))
        return [] if rows is None else [0.0, *sorted(rows[PASSES].unique())]

    def find(self, lineage: Lineage, condition: Condition, modality: str = "") -> Trajectory | None:
        """Return a model's trajectory from vanilla on; None where it, vanilla or retrained is missing.

        Args:
            lineage: which model.
            condition: ratio and protocol.
            modality: of the questions about the people to forget; empty for all. Utility is of all questions.
        """
        parts = [self._rows.get((each, condition)) for each in (VANILLA_LINEAGE, lineage, RETRAINED_LINEAGE)]
        if any(part is None for part in parts):
            return None
        vanilla, own, retrained = (_averaged(part, condition) for part in parts if part is not None)
        own = own.fillna({PASSES: np.inf})  # of a method that does not train, behind vanilla
        states = pd.concat([vanilla.assign(**{PASSES: 0.0}), own])
        forget = _totals(states, FORGOTTEN_SETS, modality)
        utility = _of_each(states, UTILITY_SETS)
        there = retrained.assign(**{PASSES: 0.0})
        target, target_utility = _totals(there, FORGOTTEN_SETS, modality), _of_each(there, UTILITY_SETS)
        if forget is None or target is None or not utility:
            return None
        is_gradual = bool(np.isfinite(own[PASSES]).all())
        return Trajectory(forget, utility, target, target_utility, is_gradual)


def _averaged(rows: pd.DataFrame, condition: Condition) -> pd.DataFrame:
    """The rows of the accuracies, averaged over seeds."""
    wanted = {(metric.task, metric.key) for metric in accuracies(condition.protocol)}
    pairs = zip(rows["task"], rows["metric"], strict=True)
    rows = rows[[pair in wanted for pair in pairs]]
    grouped = rows.groupby([PASSES, *_CELL, "profile_id"], dropna=False)
    return grouped[["value", "n"]].mean().reset_index()


def _of_each(rows: pd.DataFrame, eval_sets: Sequence[str]) -> tuple[Totals, ...]:
    return tuple(part for name in eval_sets if (part := _totals(rows, (name,))) is not None)


def _totals(rows: pd.DataFrame, eval_sets: Sequence[str], modality: str = "") -> Totals | None:
    """What the people of some sets gave, state after state; None where nobody was asked."""
    rows = rows[rows["eval_set"].isin(eval_sets)]
    rows = rows[rows["modality"] == modality] if modality else rows
    if rows.empty:
        return None
    rows = rows.assign(total=rows["value"] * rows["n"], cell=rows[_CELL].agg("/".join, axis=1))
    shape: dict[str, Any] = {"index": [PASSES, "profile_id"], "columns": "cell", "aggfunc": "sum"}
    values = rows.pivot_table(values="total", **shape, fill_value=0.0)
    counts = rows.pivot_table(values="n", **shape, fill_value=0.0)
    states, people = (len(values.index.unique(level)) for level in (PASSES, "profile_id"))
    first = counts.loc[counts.index[0][0]]
    return Totals(
        values.to_numpy(dtype=np.float64).reshape(states, people, -1), first.to_numpy(dtype=np.float64)
    )
