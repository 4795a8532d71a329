"""One number with its interval, and the mean of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mllmu.evaluation.scoring.seed_spread import widened_by_seeds

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


def mean_over_seeds(group: pd.DataFrame, least: float, greatest: float) -> Score:
    """Average one quantity over seeds: the mean interval, widened in quadrature by the seeds' spread.

    It ends where the quantity's values do.
    """
    rows = group[group["value"].notna()]
    if rows.empty:
        return Score(math.nan, math.nan, math.nan, 0)
    value, low, high = (float(rows[name].mean()) for name in ("value", "ci_low", "ci_high"))
    if len(rows) > 1:
        low, high = widened_by_seeds(value, low, high, rows["value"].tolist())
        low, high = max(low, least), min(high, greatest)
    asked, people = (int(rows[name].fillna(0).max()) for name in ("n", PEOPLE))
    return Score(value, low, high, asked, people)
