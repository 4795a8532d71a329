"""Intervals for means of per-question values, when questions about one person are not independent.

People are resampled with replacement, each with all of their questions (cluster bootstrap, Field & Welsh
2007); the interval is the percentile interval. A value is missing where it is NaN, and then does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        value: mean over questions; NaN where there is none.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
        n: number of questions.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Difference(Estimate):
    """The mean difference of two models on the same questions.

    Attributes:
        p_value: two-sided bootstrap p-value of "no difference", in (0, 1]; never below 2^(1 - people), the
            sign test's for people who all agree, because the draws of a few people hardly differ.
    """

    p_value: float


def clustered_mean(
    values: npt.ArrayLike, people: Sequence[object], seed: int, draws: int = DRAWS
) -> Estimate:
    """Mean of `values` [n] with an interval from resampling `people` [n].

    With a single person nothing can be resampled, and the interval is the value itself.
    """
    means, kept, _ = _draw(np.asarray(values, dtype=np.float64), people, seed, draws)
    if not kept.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = _percentiles(means)
    return Estimate(float(kept.mean()), low, high, int(kept.size))


def paired_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, people: Sequence[object], seed: int, draws: int = DRAWS
) -> Difference:
    """Mean of `first` - `second` [n], values of the same questions, with an interval from resampling people.

    Raises:
        ValueError: the two have different lengths.
    """
    left, right = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if left.shape != right.shape:
        raise ValueError(f"paired values must be of the same questions, got {left.shape} and {right.shape}")
    means, kept, compared = _draw(left - right, people, seed, draws)
    if not kept.size:
        return Difference(float("nan"), float("nan"), float("nan"), 0, float("nan"))
    low, high = _percentiles(means)
    # One is added to both counts because the observed difference is itself a draw: p is never zero.
    tail = min(int((means <= 0).sum()), int((means >= 0).sum()))
    drawn = 2 * (tail + 1) / (draws + 1)
    agreed = 2.0 ** (1 - compared)
    p_value = min(1.0, max(drawn, agreed))
    return Difference(float(kept.mean()), low, high, int(kept.size), p_value)


def _percentiles(means: Floats) -> tuple[float, float]:
    """The two ends of the central interval of the drawn means [draws]."""
    edge = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(means, [edge, 100 - edge])
    return float(low), float(high)


def _draw(values: Floats, people: Sequence[object], seed: int, draws: int) -> tuple[Floats, Floats, int]:
    """Means of resampled people [draws], the values [n] that are not missing, and how many people have one.

    Raises:
        ValueError: there is not one person per value.
    """
    if values.shape != (len(people),):
        raise ValueError(f"expected one person per value, got {values.shape} values and {len(people)} people")
    present = ~np.isnan(values)
    kept = values[present]
    if not kept.size:
        return np.empty(0), kept, 0
    names = np.asarray([str(person) for person in people])[present]
    _, codes = np.unique(names, return_inverse=True)
    sums = np.bincount(codes, weights=kept)
    counts = np.bincount(codes)
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(draws, len(sums)))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), kept, len(sums)
