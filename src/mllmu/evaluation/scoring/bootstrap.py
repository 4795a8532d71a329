"""Intervals for means of per-question values, when questions about one person are not independent.

People are resampled with replacement, each with all of their questions (cluster bootstrap, Field & Welsh
2007); the interval is the percentile interval. A value is missing where it is NaN, and then does not count.
One person cannot be resampled, and then nothing is known of the interval: its ends are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 1000
LEVEL = 0.95
UNBOUNDED = (-np.inf, np.inf)


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        value: mean over questions; NaN where there is none.
        low: lower end of the 95 % interval; NaN where nothing is known of it.
        high: upper end of the 95 % interval; NaN where nothing is known of it.
        n: number of questions.
        n_people: number of people they are about.
    """

    value: float
    low: float
    high: float
    n: int
    n_people: int = field(default=0, kw_only=True)


def clustered_mean(
    values: npt.ArrayLike,
    people: Sequence[object],
    seed: int,
    draws: int = DRAWS,
    bounds: tuple[float, float] = UNBOUNDED,
) -> Estimate:
    """Mean of `values` [n] with an interval from resampling `people` [n].

    Where all people have the same mean, every draw is that mean, which says nothing of how far others may lie
    from it. But were a share of the population larger than `unseen_share` different, one of them would have
    been met; and those who are different lie within `bounds`. So the interval reaches that share of the way
    to either bound: from 0.69 to 1 where ten people have 1 in 0..1.

    Args:
        values: NaN where missing.
        people: whom each question is about.
        seed: of the draws.
        draws: how many times to resample.
        bounds: the least and the greatest possible value. Without both, people who are all equal have no
            interval (NaN).

    Raises:
        ValueError: there is not one person per value.
    """
    means, present, counted = _draw(np.asarray(values, dtype=np.float64), people, seed, draws)
    if not present.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    mean = float(present.mean())
    low, high = _percentiles(means)
    if counted == 1:
        low = high = float("nan")
    elif _is_constant(means):
        low, high = unseen_ends(mean, counted, bounds)
    return Estimate(mean, low, high, int(present.size), n_people=counted)


def unseen_share(people: int) -> float:
    """Largest share of a population that `people` people drawn from it may all miss, in (0, 1).

    It is 1 - (alpha / 2)^(1 / people), the upper end of the Clopper-Pearson interval of 0 of `people`.
    """
    return float(1 - ((1 - LEVEL) / 2) ** (1 / people))


def unseen_ends(value: float, people: int, bounds: tuple[float, float]) -> tuple[float, float]:
    """The interval of a number that is the same for everybody who was asked.

    It reaches `unseen_share` of the way from the number to either bound; NaN where a bound is infinite.
    """
    if not np.isfinite(bounds).all():
        return float("nan"), float("nan")
    share = unseen_share(people)
    low, high = (value + share * (bound - value) for bound in bounds)
    return low, high


def _is_constant(means: Floats) -> bool:
    """Whether all drawn numbers [draws] are the same but for rounding."""
    return bool(np.allclose(means, means[0], rtol=1e-12, atol=0))


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
