"""Intervals and p-values of what is read off several accuracies at once, from draws of people.

Legend of shapes: d draws of people; before them stands what everybody once gives, hence 1 + d.

Percentiles of the draws cover too seldom, corrected for bias (BCa) or not, as ``benchmarks/path_coverage.py``
shows. What is used here instead takes no more than variance and correlation from the draws.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from mllmu.evaluation.scoring.bootstrap import LEVEL, Estimate, Floats
from mllmu.evaluation.scoring.proportion import korn_graubard
from mllmu.evaluation.scoring.sign_flip import smallest_p_value


def drawn_proportion(values: Floats, questions: int, people: int) -> Estimate:
    """A mean of accuracies with the interval that accuracies have (see `korn_graubard`).

    Args:
        values: [1 + d] in per cent; NaN where a draw has none.
        questions: how many were asked.
        people: how many they are about; of several groups the smallest.

    Returns:
        Value and ends in 0..100; both ends are NaN where more than 2.5 % of the draws have no value, or there
        is one person.
    """
    value = float(values[0])
    if np.isnan(values).mean() > (1 - LEVEL) / 2:
        return Estimate(value, math.nan, math.nan, questions, n_people=people)
    variance = _variance(values, people) / 100**2
    low, high = korn_graubard(min(max(value / 100, 0.0), 1.0), variance, questions, people)
    return Estimate(value, 100 * low, 100 * high, questions, n_people=people)


def drawn_difference(first: Floats, second: Floats, questions: int, people: int) -> Estimate:
    """The difference of two accuracies about the same people, from the interval of each.

    The distances to either end are put together like sides of a triangle whose angle is the correlation of
    the two (Zou & Donner 2008, Statistics in Medicine 27, section 2); one below zero counts as none.

    Args:
        first: [1 + d] in per cent.
        second: [1 + d] of the same draws.
        questions: how many were asked about each of the two.
        people: how many they are about.

    Returns:
        `first` - `second` in points, and ends in -100..100.
    """
    left, right = (drawn_proportion(each, questions, people) for each in (first, second))
    correlation = _correlation(first[1:], second[1:])

    def side(one: float, other: float) -> float:
        return math.sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0))

    value = left.value - right.value
    low = value - side(left.value - left.low, right.high - right.value)
    high = value + side(left.high - left.value, right.value - right.low)
    return Estimate(value, max(low, -100.0), min(high, 100.0), questions, n_people=people)


def drawn_p_value(values: Floats, people: int) -> float:
    """Two-sided p-value of "the number is zero": Student's t with the draws' standard deviation.

    It is no less than so many people can give in an exact test (see `smallest_p_value`), since draws of a few
    people who agree do not vary.

    Args:
        values: [1 + d] without NaN.
        people: how many are drawn; of several groups the smallest.
    """
    value, error = abs(float(values[0])), math.sqrt(_variance(values, people))
    if value == 0 or people < 2:
        return 1.0
    of_draws = 2 * float(stats.t.sf(value / error, people - 1)) if error > 0 else 0.0
    return max(of_draws, smallest_p_value(people))


def drawn_reach(values: Floats, people: int) -> float:
    """How far the 95 % interval that goes with `drawn_p_value` reaches to either side; NaN for one person."""
    if people < 2:
        return math.nan
    return float(stats.t.ppf((1 + LEVEL) / 2, people - 1)) * math.sqrt(_variance(values, people))


def _variance(values: Floats, people: int) -> float:
    """The variance of the first value: draws of n people vary by (n - 1) / n of it."""
    return float(np.nanvar(values[1:])) * people / max(people - 1, 1)


def _correlation(first: Floats, second: Floats) -> float:
    """In 0..1; 0 where either does not vary."""
    if min(np.ptp(first), np.ptp(second)) < 1e-9:
        return 0.0
    return min(max(float(np.corrcoef(first, second)[0, 1]), 0.0), 1.0)
