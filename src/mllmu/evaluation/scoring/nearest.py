"""Which of several models may be the nearest to retrained: a set that holds the nearest with 95 % confidence.

The observed nearest is chosen and compared on the same answers, so that comparing the others with it pair by
pair calls somebody best in far more than 5 % of evaluations where all are equally near. So a model also has
to lie further from the nearest than chance spreads the whole field (Tukey's range), as in a model confidence
set (Hansen, Lunde & Nason 2011, Econometrica 79, section 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from mllmu.evaluation.scoring.bootstrap import LEVEL, Floats

Key = TypeVar("Key")

#: How often the field is spread by chance.
RANGE_DRAWS = 999


def not_told_from_nearest(
    distances: Mapping[Key, float],
    p_values: Mapping[Key, float],
    spread_by_chance: Callable[[Sequence[Key]], Floats],
) -> set[Key]:
    """The nearest model and those that are not told from it; none where that is all of them.

    Whoever is told from it is left out, and the others are compared anew, until nobody is told any more. To
    be told, the p-value times the number of others has to be below .05, and so has the share of chance
    spreads that reach as far.

    Args:
        distances: of each model to retrained, not below 0.
        p_values: of each model but the nearest: that it is as near as the nearest.
        spread_by_chance: models -> how far the largest of their distances lies from the smallest where all
            are equally near, [draws].
    """
    if len(distances) < 2:
        return set()
    left = sorted(distances, key=lambda each: distances[each])
    nearest = left[0]
    while len(left) > 1:
        drawn = spread_by_chance(left)
        farther = {
            each
            for each in left[1:]
            if p_values[each] * (len(left) - 1) < 1 - LEVEL
            and (1 + np.sum(drawn >= distances[each] - distances[nearest])) / (1 + len(drawn)) < 1 - LEVEL
        }
        if not farther:
            break
        left = [each for each in left if each not in farther]
    return set(left) if len(left) < len(distances) else set()


def permuted_ranges(parts: Floats, seed: int = 0, draws: int = RANGE_DRAWS) -> Floats:
    """How far the largest sum lies from the smallest once each person's parts change models, [draws].

    Args:
        parts: [models, people] what each person adds to each model's distance.
        seed: of the draws.
        draws: how many.
    """
    generator = np.random.default_rng(seed)
    sums = [generator.permuted(parts, axis=0).sum(axis=1) for _ in range(draws)]
    return np.ptp(np.asarray(sums), axis=1)


def recentred_ranges(drawn: Floats) -> Floats:
    """The same from draws of people, once every model is brought to one distance, [draws].

    Args:
        drawn: [models, 1 + draws] distances, first those of everybody once.
    """
    return np.ptp(drawn[:, 1:] - drawn[:, :1], axis=0)
