"""What several seeds add: an interval and a p-value that hold for further seeds as well as further people.

The same people are asked of the models of every seed, so that both vary on their own: their spreads add in
quadrature. Seeds are few, and resampling two or three of them says far too little: theirs is Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from mllmu.evaluation.scoring.bootstrap import LEVEL


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


def p_value_with_seeds(p_value: float, of_seeds: Sequence[float]) -> float:
    """The larger of the people's two-sided p-value and that of the seeds' t-test against zero.

    Args:
        p_value: of the mean over seeds, from people.
        of_seeds: what each seed gave. A single one says nothing of further ones.
    """
    if len(of_seeds) < 2:
        return p_value
    if np.ptp(of_seeds) == 0:
        return max(p_value, float(of_seeds[0] == 0))
    return max(p_value, float(stats.ttest_1samp(of_seeds, 0).pvalue))
