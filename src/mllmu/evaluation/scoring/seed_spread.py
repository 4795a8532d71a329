"""What several seeds add: an interval and a p-value that hold for further seeds as well as further people.

The same people are asked of the models of every seed, so that both vary on their own: their spreads add in
quadrature. Seeds are few, and resampling two or three of them says far too little: theirs is Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import optimize, special, stats

from mllmu.evaluation.scoring.bootstrap import LEVEL

# Below it, the quantiles of 1 - p / 2 lose their digits; no resampling gives as small a one.
_LEAST = 1e-12


def widened_by_seeds(value: float, low: float, high: float, of_seeds: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean over seeds.

    Args:
        value: the mean.
        low: lower end of its interval over people.
        high: upper end likewise.
        of_seeds: what each seed gave. A single one says nothing of further ones.

    Returns:
        Both ends.

    Example:
        Two seeds, 1 apart from their mean, of which Student's t makes 12.7::

            widened_by_seeds(10, 9, 11, [9, 11])  # -2.7, 22.7
    """
    count = len(of_seeds)
    if count < 2:
        return low, high
    spread = float(np.std(of_seeds, ddof=1)) / math.sqrt(count)
    half = float(stats.t.ppf((1 + LEVEL) / 2, count - 1)) * spread
    return value - math.hypot(value - low, half), value + math.hypot(high - value, half)


def p_value_with_seeds(p_value: float, reach: float, of_seeds: Sequence[float]) -> float:
    """Two-sided p-value of "the mean over seeds is 0, for further people and further seeds".

    The counterpart of `widened_by_seeds`: the least level at which both spreads together, in quadrature, do
    not reach from the mean to 0. At other levels than 5 % people's interval is taken to grow like a normal
    one, and the seeds' is Student's t. The larger p-value of the two alone would be too small where both are
    near the level: the noise in the mean is that of people and seeds together.

    Args:
        p_value: of the mean over seeds, from people; the result is no smaller.
        reach: how far people's 95 % interval goes from the mean towards 0.
        of_seeds: what each seed gave. A single one says nothing of further ones.

    Example:
        Two seeds, 1 apart from their mean of 10, and people who all agree: Student's t is 10::

            p_value_with_seeds(0.01, 0.0, [9, 11])  # 0.063
    """
    count = len(of_seeds)
    mean = abs(float(np.mean(of_seeds)))
    if count < 2 or math.isnan(p_value) or math.isnan(reach):
        return p_value
    if mean == 0:
        return 1.0
    of_people = reach / float(special.ndtri((1 + LEVEL) / 2))
    spread = float(np.std(of_seeds, ddof=1)) / math.sqrt(count)

    def beyond(level: float) -> float:
        """How far both spreads reach beyond the mean at a level; falls as the level rises."""
        quantile = 1 - level / 2
        return (
            math.hypot(special.ndtri(quantile) * of_people, special.stdtrit(count - 1, quantile) * spread)
            - mean
        )

    least = max(p_value, _LEAST)
    return float(optimize.brentq(beyond, least, 1.0)) if beyond(least) > 0 else p_value
