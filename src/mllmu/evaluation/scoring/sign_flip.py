"""The exact test for a few people: had there been no difference, each person's sign would be a coin's toss.

An interval is the set of differences that the test does not reject; its ends are among the means over all
groups of people (Hartigan, "Using subsample values as typical values", JASA 1969).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mllmu.evaluation.scoring.bootstrap import LEVEL, Floats

_ALL_FLIPS_UP_TO = 16
_DRAWN_FLIPS = 9999


def smallest_p_value(people: int) -> float:
    """The least two-sided p-value that so many people can give: 2^(1 - people), where all of them agree.

    Example:
        >>> smallest_p_value(5)
        0.0625
    """
    return min(1.0, 2.0 ** (1 - people))


def sign_flip_test(differences: Floats, weights: Floats, seed: int = 0) -> tuple[float, float, float]:
    """Interval and two-sided p-value of a mean difference, from turning people's signs around.

    All 2^people ways up to 16 people, 9999 drawn ones and the observed one above.

    Args:
        differences: [people] what each adds to the mean.
        weights: [people] above 0: how much of the mean is about each; questions, as a rule.
        seed: of the drawn flips.

    Returns:
        The interval's two ends and p in (0, 1]. The interval excludes zero exactly where p is at most .05.
        Fewer than six people cannot reject anything at 95 %: theirs reaches from the lowest person to the
        highest, which holds the difference with probability 1 - 2^(1 - people), and to zero.
    """
    flips = _flips(len(differences), seed)
    flipped, shares = flips @ differences, flips @ weights
    # Equal sums may differ in their last digits.
    slack = 1e-12 * float(np.abs(differences).sum())
    p_value = min(1.0, 2 * float(min((flipped <= slack).mean(), (flipped >= -slack).mean())))
    rank = int((1 - LEVEL) / 2 * len(flips)) - 1
    if rank < 0:
        each = differences / weights
        return min(float(each.min()), 0.0), max(float(each.max()), 0.0), p_value
    # The first row turns nobody around and has no mean.
    means = np.sort(flipped[1:] / shares[1:])
    return float(means[rank]), float(means[-1 - rank]), p_value


@lru_cache(maxsize=32)
def _flips(people: int, seed: int) -> Floats:
    """[ways, people]: 1 where a person is turned around; the first row is nobody, no other row is."""
    if people <= _ALL_FLIPS_UP_TO:
        ways = np.arange(2**people)[:, None] >> np.arange(people) & 1
        return ways.astype(np.float64)
    drawn = np.random.default_rng(seed).integers(0, 2, size=(_DRAWN_FLIPS, people))
    drawn[drawn.sum(axis=1) == 0, 0] = 1
    return np.vstack([np.zeros(people), drawn])
