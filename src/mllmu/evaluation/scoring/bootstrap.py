"""Intervals for means of per-question values, when questions about one person are not independent.

People are resampled with replacement, each with all of their questions (cluster bootstrap, Field & Welsh
2007); the interval is the percentile interval. A value is missing where it is NaN, and then does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    means, present, _ = _draw(np.asarray(values, dtype=np.float64), people, seed, draws)
    if not present.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = _percentiles(means)
    return Estimate(float(present.mean()), low, high, int(present.size))


def clustered_statistic(
    statistic: Callable[[Floats, Floats | None], float],
    values: Floats,
    reference: Floats | None,
    people: Sequence[object],
    seed: int,
    draws: int = DRAWS,
) -> Estimate:
    """A number that is no mean, with an interval from resampling `people` [n], each with all of their values.

    Args:
        statistic: `values` and `reference` of some questions -> the number.
        values: [n], none missing.
        reference: [n] another model's values for the same questions; None where there is none.
        people: whom each question is about.
        seed: of the draws.
        draws: how many times to resample.

    Raises:
        ValueError: there is not one person, or not one reference value, per value.
    """
    if values.shape != (len(people),) or (reference is not None and reference.shape != values.shape):
        raise ValueError(f"expected one person and one reference value per value, got {len(people)} people")
    if not values.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    names, codes = np.unique([str(person) for person in people], return_inverse=True)
    questions_of = [np.flatnonzero(codes == code) for code in range(len(names))]
    drawn = np.random.default_rng(seed).integers(0, len(names), size=(draws, len(names)))
    resampled = []
    for row in drawn:
        chosen = np.concatenate([questions_of[code] for code in row])
        resampled.append(statistic(values[chosen], None if reference is None else reference[chosen]))
    low, high = _percentiles(np.asarray(resampled))
    return Estimate(float(statistic(values, reference)), low, high, int(values.size))


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
    means, present, compared = _draw(left - right, people, seed, draws)
    if not present.size:
        return Difference(float("nan"), float("nan"), float("nan"), 0, float("nan"))
    low, high = _percentiles(means)
    # One is added to both counts because the observed difference is itself a draw: p is never zero.
    tail = min(int((means <= 0).sum()), int((means >= 0).sum()))
    drawn = 2 * (tail + 1) / (draws + 1)
    agreed = 2.0 ** (1 - compared)
    p_value = min(1.0, max(drawn, agreed))
    return Difference(float(present.mean()), low, high, int(present.size), p_value)


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
    is_present = ~np.isnan(values)
    present = values[is_present]
    if not present.size:
        return np.empty(0), present, 0
    names = np.asarray([str(person) for person in people])[is_present]
    _, codes = np.unique(names, return_inverse=True)
    sums = np.bincount(codes, weights=present)
    counts = np.bincount(codes)
    drawn = np.random.default_rng(seed).integers(0, len(sums), size=(draws, len(sums)))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), present, len(sums)
