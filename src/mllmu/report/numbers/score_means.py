"""One number with its interval, and the mean of several."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mllmu.evaluation.scoring.bootstrap import Estimate
from mllmu.evaluation.scoring.seed_spread import widened_by_seeds
from mllmu.report.numbers.result_columns import KEYS, Condition, named
from mllmu.unlearning.lineage import Lineage

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

#: The column of how many people a score is about; tables of earlier versions do not have it.
PEOPLE = "n_people"


@dataclass(frozen=True)
class Score:
    """One number with its 95 % interval, in the unit of the results frame.

    Attributes:
        value: the score, averaged over seeds.
        low: lower end of the interval; nan where it is unknown.
        high: upper end of the interval; nan where it is unknown.
        n: questions behind the score (per seed).
        n_people: people they are about; 0 where the frame does not say.
    """

    value: float
    low: float
    high: float
    n: int
    n_people: int = 0

    def scaled(self, factor: float) -> Score:
        """Return the same score in another unit."""
        return Score(self.value * factor, self.low * factor, self.high * factor, self.n, self.n_people)


def mean_of_unknown_interval(scores: Sequence[Score]) -> Score:
    """The mean of scores of the same people, of whose interval nothing is known."""
    value = sum(each.value for each in scores) / len(scores)
    people = max(each.n_people for each in scores)
    return Score(value, math.nan, math.nan, sum(each.n for each in scores), people)


def mean_over_sets(scores: Sequence[Score]) -> Score:
    """The mean of scores of different people."""
    if len(scores) == 1:
        return scores[0]
    value = sum(each.value for each in scores) / len(scores)
    below = math.hypot(*(each.value - each.low for each in scores)) / len(scores)
    above = math.hypot(*(each.high - each.value for each in scores)) / len(scores)
    asked, people = sum(each.n for each in scores), sum(each.n_people for each in scores)
    return Score(value, value - below, value + above, asked, people)


def grouped_rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], Rows]]:
    """The rows that share some columns' values, with these values, in the order in which they first appear.

    A tenth of the time of looking at each group as a frame.
    """
    names = list(columns)
    codes = frame.groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1) if len(order) else []
    keys = frame[names].iloc[[rows[0] for rows in groups]].itertuples(index=False, name=None)
    yield from zip(keys, groups, strict=True)


def seeds_of_models(frame: pd.DataFrame) -> dict[tuple[Lineage, Condition], int]:
    """With how many seeds each model was asked under each condition."""
    return {named(key)[:2]: frame["seed"].iloc[rows].nunique() for key, rows in grouped_rows(frame, KEYS)}


def numbers_of(frame: pd.DataFrame) -> Floats:
    """What `mean_over_seeds` takes of each row: value, ends of the interval, questions and people [n, 5]."""
    return frame[["value", "ci_low", "ci_high", "n", PEOPLE]].to_numpy(dtype=np.float64)


def numbers_of_estimates(estimates: Sequence[Estimate]) -> Floats:
    """The same of estimates, of one seed each."""
    rows = [[each.value, each.low, each.high, each.n, each.n_people] for each in estimates]
    return np.asarray(rows, dtype=np.float64)


def mean_over_seeds(numbers: Floats, least: float, greatest: float) -> Score:
    """Average one quantity over seeds: the mean interval, widened in quadrature by the seeds' spread.

    It ends where the quantity's values do, and is unknown where that of one seed is.

    Args:
        numbers: one row per seed, see `numbers_of`.
        least: the least value the quantity can have.
        greatest: likewise.
    """
    rows = numbers[~np.isnan(numbers[:, 0])]
    if not len(rows):
        return Score(math.nan, math.nan, math.nan, 0)
    value, low, high = (float(rows[:, column].mean()) for column in range(3))
    if len(rows) > 1:
        low, high = widened_by_seeds(value, low, high, rows[:, 0].tolist())
        low, high = max(low, least), min(high, greatest)
    asked, people = (int(np.nan_to_num(rows[:, column]).max()) for column in (3, 4))
    return Score(value, low, high, asked, people)


def least_p_value(numbers: Floats) -> Score:
    """The least p-value of several seeds times their number (Bonferroni); without an interval.

    Args:
        numbers: one row per seed, see `numbers_of`; all are there.
    """
    asked, people = (int(np.nan_to_num(numbers[:, column]).max()) for column in (3, 4))
    value = min(1.0, len(numbers) * float(numbers[:, 0].min()))
    return Score(value, math.nan, math.nan, asked, people)
