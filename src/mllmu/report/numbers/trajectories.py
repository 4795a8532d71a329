"""The table of trajectories, looked up model by model, for each seed or with seeds averaged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from mllmu.evaluation.scoring.equal_utility import Totals, Trajectory
from mllmu.report.names import FORGOTTEN_SETS, UTILITY_SETS, accuracies
from mllmu.report.numbers.comparisons import Measured
from mllmu.report.numbers.result_columns import KEYS, QUANTITY, Condition, named, tidied
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

PASSES = "passes"
_CELL = ["eval_set", "modality", "task"]
_ASKED = [*_CELL, "profile_id"]
COLUMNS = (*KEYS, "seed", "benchmark", PASSES, *QUANTITY, "profile_id", "value", "n")


class Trajectories:
    """What models knew on their way, over all accuracies of a protocol.

    Only what every model of a condition was asked counts, so that all of them are about the same people.

    Args:
        frame: that of ``trajectory.parquet``; None where there is none.
    """

    def __init__(self, frame: pd.DataFrame | None = None) -> None:
        self._rows: Mapping[tuple[Lineage, Condition], pd.DataFrame] = {}
        self._shared: dict[Condition, pd.DataFrame] = {}
        self._of_accuracies: dict[tuple[Lineage, Condition], pd.DataFrame] = {}
        if frame is not None:
            groups = tidied(frame).groupby(list(KEYS), sort=False, dropna=False)
            self._rows = {named(key)[:2]: rows for key, rows in groups}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def passes(self, lineage: Lineage, condition: Condition) -> list[float]:
        """Return after how many passes a model was asked, vanilla first; empty where nothing is known."""
        rows = self._rows.get((lineage, condition))
        return [] if rows is None else [0.0, *sorted(rows[PASSES].unique())]

    def utility_sets(self, condition: Condition) -> tuple[str, ...]:
        """Return the sets to keep about which every model of a condition was asked; empty without any."""
        if not any(each == condition for _, each in self._rows):
            return ()
        asked = set(self._asked_of_all(condition)["eval_set"])
        return tuple(name for name in UTILITY_SETS if name in asked)

    def find(
        self,
        lineage: Lineage,
        condition: Condition,
        modality: str = "",
        left_out: Collection[Measured] = (),
    ) -> Trajectory | None:
        """Return a model's trajectory from vanilla on, with seeds averaged.

        Args:
            lineage: which model.
            condition: ratio and protocol.
            modality: of the questions about the people to forget; empty for all. Utility is of all questions.
            left_out: accuracies about people to forget that do not count.

        Returns:
            None where it, vanilla or retrained is missing, or nothing is left.
        """
        parts = self._parts(lineage, condition)
        if parts is None:
            return None
        seeds = set.intersection(*(set(part["seed"]) for part in parts))
        of_seeds = [part[part["seed"].isin(seeds)] for part in parts]
        return _trajectory([_mean_over_seeds(part) for part in of_seeds], modality, left_out)

    def of_seeds(
        self,
        lineage: Lineage,
        condition: Condition,
        modality: str = "",
        left_out: Collection[Measured] = (),
    ) -> dict[int, Trajectory]:
        """Return the same seed by seed, each with vanilla and retrained of its seed.

        Empty where one of them is missing, or nothing is left.
        """
        parts = self._parts(lineage, condition)
        if parts is None:
            return {}
        seeds = sorted(set.intersection(*(set(part["seed"]) for part in parts)))
        trajectories = {
            int(seed): _trajectory([part[part["seed"] == seed] for part in parts], modality, left_out)
            for seed in seeds
        }
        return {seed: each for seed, each in trajectories.items() if each is not None}

    def _parts(
        self, lineage: Lineage, condition: Condition
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None:
        """What vanilla, the model and retrained gave to what all were asked; None where one is missing."""
        models = (VANILLA_LINEAGE, lineage, RETRAINED_LINEAGE)
        if any((each, condition) not in self._rows for each in models):
            return None
        shared = self._asked_of_all(condition)
        vanilla, own, retrained = (
            self._accuracies(each, condition).merge(shared, on=_ASKED) for each in models
        )
        return vanilla, own, retrained

    def _accuracies(self, lineage: Lineage, condition: Condition) -> pd.DataFrame:
        """A model's rows of the accuracies, one for each seed, state, cell and person."""
        key = (lineage, condition)
        if key not in self._of_accuracies:
            wanted = {(metric.task, metric.key) for metric in accuracies(condition.protocol)}
            rows = self._rows[key]
            pairs = zip(rows["task"], rows["metric"], strict=True)
            rows = rows[[pair in wanted for pair in pairs]]
            grouped = rows.groupby(["seed", PASSES, *_ASKED], dropna=False)
            self._of_accuracies[key] = grouped[["value", "n"]].mean().reset_index()
        return self._of_accuracies[key]

    def _asked_of_all(self, condition: Condition) -> pd.DataFrame:
        """Set, modality, task and person of what every model was asked in each of its states, and seeds."""
        if condition not in self._shared:
            rows = pd.concat(
                self._accuracies(*each).assign(model=number)
                for number, each in enumerate(self._rows)
                if each[1] == condition
            )
            state = rows.groupby(["model", "seed", PASSES], dropna=False).ngroup()
            times = rows.assign(state=state).groupby(_ASKED)["state"].nunique()
            self._shared[condition] = times[times == state.nunique()].reset_index()[_ASKED]
        return self._shared[condition]


def _mean_over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby([PASSES, *_ASKED], dropna=False)[["value", "n"]].mean().reset_index()


def _trajectory(
    models: Sequence[pd.DataFrame], modality: str, left_out: Collection[Measured]
) -> Trajectory | None:
    """What vanilla, a model and retrained gave -> its way; None where there is nothing to compare."""
    vanilla, own, retrained = models
    own = own.fillna({PASSES: np.inf})  # of a method that does not train, behind vanilla
    states = pd.concat([vanilla.assign(**{PASSES: 0.0}), own])
    there = retrained.assign(**{PASSES: 0.0})
    forget, target = (_totals(_to_forget(rows, modality, left_out)) for rows in (states, there))
    utility, target_utility = _of_each(states, UTILITY_SETS), _of_each(there, UTILITY_SETS)
    if forget is None or target is None or not utility:
        return None
    is_gradual = bool(np.isfinite(own[PASSES]).all())
    return Trajectory(forget, utility, target, target_utility, is_gradual)


def _to_forget(rows: pd.DataFrame, modality: str, left_out: Collection[Measured]) -> pd.DataFrame:
    """The rows about people to forget that count."""
    rows = rows[rows["eval_set"].isin(FORGOTTEN_SETS)]
    rows = rows[rows["modality"] == modality] if modality else rows
    skipped = {(each.eval_set, each.modality, each.metric.task) for each in left_out}
    cells = zip(*(rows[name] for name in _CELL), strict=True)
    return rows[[cell not in skipped for cell in cells]]


def _of_each(rows: pd.DataFrame, eval_sets: Sequence[str]) -> tuple[Totals, ...]:
    sets = (_totals(rows[rows["eval_set"] == name]) for name in eval_sets)
    return tuple(part for part in sets if part is not None)


def _totals(rows: pd.DataFrame) -> Totals | None:
    """What people gave, state after state; None where nobody was asked.

    Where a state has no number for some of a person's questions, the others stand for all of them.
    """
    if rows.empty:
        return None
    cells = rows["eval_set"] + "/" + rows["modality"] + "/" + rows["task"]
    axes = [np.unique(each, return_inverse=True) for each in (rows[PASSES], rows["profile_id"], cells)]
    index = tuple(codes for _, codes in axes)
    shape = tuple(len(names) for names, _ in axes)
    values, counts = np.zeros(shape), np.zeros(shape)
    asked = rows["n"].to_numpy(dtype=np.float64)
    np.add.at(values, index, rows["value"].to_numpy(dtype=np.float64) * asked)
    np.add.at(counts, index, asked)
    values *= np.divide(counts[0], counts, out=np.zeros(shape), where=counts > 0)
    return Totals(values, counts[0])
