"""Numbers of whole sets of answers, with intervals from resampling people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from mllmu.evaluation.scoring.bootstrap import LEVEL, UNBOUNDED, Estimate, Floats, unseen_ends
from mllmu.evaluation.scoring.proportion import clustered_proportion
from mllmu.evaluation.set_metrics.set_metric import Interval
from mllmu.evaluation.set_metrics.vectorised import OfCounts, OfMeans

Rows = npt.NDArray[np.intp]

DRAWS = 500
"""Half of those of means: there are many numbers, and each takes longer."""
_ROUNDING = 1e-9
_LEAST_DRAWS = 0.9
"""Share of resamples that must have a number for there to be an interval."""


def estimate(
    statistic: Callable[..., float],
    columns: Sequence[Floats],
    people: Sequence[str],
    groups: Sequence[str] = (),
    *,
    seed: int,
    interval: Interval = Interval.PERCENTILE,
    bounds: tuple[float, float] = UNBOUNDED,
    draws: int = DRAWS,
) -> Estimate:
    """A number with its 95 % interval, people being resampled with all of their rows, group by group.

    Where every resample gives the same number, its interval reaches a share of the way to finite bounds, as
    for `clustered_mean`, that the smallest group allows; without bounds it is unknown (NaN), and so it is
    where a group has a single person, or where one resample in ten has no number.

    Args:
        statistic: the columns -> the number.
        columns: each [n].
        people: whom each row is about [n].
        groups: which group of people each row belongs to [n]; one group where it is empty.
        seed: of the draws.
        interval: see `Interval`.
        bounds: the least and the greatest number there can be.
        draws: how many times to resample.

    Raises:
        ValueError: columns, people and groups do not belong to the same rows.
    """
    group_of = list(groups) or [""] * len(people)
    if {*(len(column) for column in columns), len(group_of)} != {len(people)}:
        raise ValueError(f"expected columns, people and groups of the same rows, got {len(people)} people")
    if not len(people):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    sizes = [len({p for p, g in zip(people, group_of, strict=True) if g == group}) for group in set(group_of)]
    # Adding 0 makes a 0 of -0.
    number = float(statistic(*columns)) + 0.0
    if interval is Interval.PROPORTION:
        return clustered_proportion(columns[0], people)
    counted = Estimate(number, float("nan"), float("nan"), len(people), n_people=sum(sizes))
    if interval is Interval.NONE or min(sizes) < 2 or np.isnan(number):
        return counted
    sample = tuple(map(str, people)), tuple(group_of), seed, draws
    if isinstance(statistic, OfMeans):
        drawn = statistic.of(*_resampled_means(columns, *sample))
    elif isinstance(statistic, OfCounts):
        drawn = statistic.of(_counts(*sample), *columns)
    else:
        drawn = np.asarray([statistic(*(column[rows] for column in columns)) for rows in _resamples(*sample)])
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size < _LEAST_DRAWS * draws:
        return counted
    low, high = _ends(drawn, number, interval, bounds, min(sizes))
    if isinstance(statistic, OfCounts) and interval is Interval.DISTANCE:
        exchanged = _of_exchanged(statistic, columns, people, seed, draws)
        is_rare = (1 + np.sum(exchanged >= number - _ROUNDING)) / (1 + draws) <= 1 - LEVEL
        low = low if is_rare else bounds[0]
    return Estimate(number, low, high, len(people), n_people=sum(sizes))


def _ends(
    drawn: Floats, number: float, interval: Interval, bounds: tuple[float, float], people: int
) -> tuple[float, float]:
    """The ends of the interval of a number from the drawn numbers."""
    if np.allclose(drawn, number, rtol=1e-9, atol=1e-12):
        return unseen_ends(number, people, bounds)
    edge = 100 * (1 - LEVEL) / 2
    low, high = map(float, np.percentile(drawn, [edge, 100 - edge]))
    if interval is Interval.DISTANCE:
        low, high = min(2 * number - high, number), max(2 * number - low, number)
    if min(abs(number - end) for end in bounds) < _ROUNDING:
        # Nearly all resamples lie there, too, and say little of those who were not met.
        unseen = unseen_ends(number, people, bounds)
        low, high = min(low, unseen[0]), max(high, unseen[1])
    return max(low, bounds[0]), min(high, bounds[1])


def _of_exchanged(
    statistic: OfCounts, columns: Sequence[Floats], people: Sequence[str], seed: int, draws: int
) -> Floats:
    """The numbers of two columns of which some people's values are exchanged, drawn at random [draws]."""
    first, second = columns
    codes = np.unique(np.asarray(people), return_inverse=True)[1]
    stay = np.random.default_rng(seed).integers(0, 2, size=(draws, codes.max() + 1))[:, codes].astype(float)
    both = np.concatenate([first, second]), np.concatenate([second, first])
    return statistic.of(np.concatenate([stay, 1 - stay], axis=1), *both)


@dataclass(frozen=True)
class _Group:
    """The people of one group, and who of them is in each resample.

    Attributes:
        rows: the rows of each person.
        picked: which person each place of a resample holds [draws, people].
    """

    rows: list[Rows]
    picked: Rows


# All metrics of a set have the same people, and so the same resamples.
@lru_cache(maxsize=16)
def _groups(people: tuple[str, ...], groups: tuple[str, ...], seed: int, draws: int) -> list[_Group]:
    generator = np.random.default_rng(seed)
    made = []
    for group in sorted(set(groups)):
        rows = np.flatnonzero(np.asarray([each == group for each in groups]))
        names, codes = np.unique(np.asarray(people)[rows], return_inverse=True)
        picked = generator.integers(0, len(names), size=(draws, len(names)))
        made.append(_Group([rows[codes == code] for code in range(len(names))], picked))
    return made


@lru_cache(maxsize=16)
def _resamples(*sample: Any) -> list[Rows]:
    """The rows of each resample; arguments are those of `_groups`."""
    parts = [
        [np.concatenate([group.rows[code] for code in row]) for row in group.picked]
        for group in _groups(*sample)
    ]
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


@lru_cache(maxsize=16)
def _counts(*sample: Any) -> Floats:
    """How often each row is in each resample [draws, n]; arguments are those of `_groups`."""
    people, _, _, draws = sample
    counts = np.zeros((draws, len(people)))
    for group in _groups(*sample):
        times = np.stack([np.bincount(row, minlength=len(group.rows)) for row in group.picked])
        for code, rows in enumerate(group.rows):
            counts[:, rows] = times[:, [code]]
    return counts


def _resampled_means(columns: Sequence[Floats], *sample: Any) -> Floats:
    """The mean of each column in each resample [columns, draws]; other arguments are those of `_groups`."""
    total, rows = np.zeros(1), np.zeros(1)
    for group in _groups(*sample):
        sums = np.asarray([[column[each].sum() for each in group.rows] for column in columns])
        total = total + sums[:, group.picked].sum(axis=-1)
        rows = rows + np.asarray([len(each) for each in group.rows])[group.picked].sum(axis=-1)
    return np.asarray(total / rows)
