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
