"""How well numbers tell two pools of models apart, with an interval that few models do not collapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from mllmu.evaluation.scoring.bootstrap import LEVEL
from mllmu.evaluation.set_metrics.discrimination import area_under_curve

_INSIDE = 1e-9


@dataclass(frozen=True)
class Separation:
    """The chance that a model which knows reads higher than one which does not, in 0..1.

    Attributes:
        area: the chance, ties counting half; NaN where a pool is empty.
        low: the 95 % interval's end.
        high: the other one.
    """

    area: float
    low: float
    high: float


def separation(
    knowing: Sequence[float], others: Sequence[float], models: tuple[int, int] | None = None
) -> Separation:
    """Tell pools apart.

    Args:
        knowing: what a metric reads off models that were taught the people; those that are NaN do not count.
        others: the same off models that were not.
        models: how many models the numbers of each pool are read off, where one gives several; the interval
            is that of so many.
    """
    with_people, without = (np.asarray([x for x in pool if x == x], float) for pool in (knowing, others))
    labels = np.repeat([1.0, 0.0], [with_people.size, without.size])
    area = area_under_curve(np.concatenate([with_people, without]), labels)
    return Separation(area, *area_interval(area, *(models or (with_people.size, without.size))))


def area_interval(area: float, knowing: int, others: int) -> tuple[float, float]:
    """The 95 % interval of an area under the ROC curve (Newcombe 2006, Stat. Med. 25:559, method 5).

    Like Wilson's for a proportion, it takes the variance at its own ends: where two pools of 6 are told apart
    without an error it is .69 to 1, not 1 to 1.

    Args:
        area: in 0..1.
        knowing: models in one pool.
        others: models in the other pool.
    """
    if area != area or not knowing or not others:
        return float("nan"), float("nan")
    z = norm.ppf((1 + LEVEL) / 2)
    more = (knowing + others) / 2 - 1

    def excess(end: float) -> float:
        spread = 1 + more * ((1 - end) / (2 - end) + end / (1 + end))
        return float((end - area) ** 2 - z**2 * end * (1 - end) * spread / (knowing * others))

    # At 0 and 1 the equation holds of itself; the end that is wanted lies inside.
    inside = min(max(area, _INSIDE), 1 - _INSIDE)
    low = 0.0 if area == 0 else float(brentq(excess, 0.0, inside))
    high = 1.0 if area == 1 else float(brentq(excess, inside, 1.0))
    return low, high
