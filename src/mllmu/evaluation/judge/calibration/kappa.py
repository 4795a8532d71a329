"""Quadratically weighted kappa: agreement of two raters beyond chance, far disagreements counting more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mllmu.evaluation.judge.verdicts import HIGHEST, LOWEST

Scores = Sequence[int] | npt.NDArray[np.int64]


def weighted_kappa(first: Scores, second: Scores) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968, doi:10.1037/h0026256).

    It is 1 - sum_i (a_i - b_i)^2 / n over sum_ij (a_i - b_j)^2 / n^2: what the raters differ by, over what
    they would if one's scores were shuffled. 1 is full agreement, 0 is that of chance,
    and it may be negative.

    Args:
        first: scores [n] of 1 to 10.
        second: another rater's scores [n] of the same answers.

    Returns:
        Kappa, at most 1; NaN where both raters give everything one and the same score, or there is nothing.

    Raises:
        ValueError: the lengths differ, or a score is not from 1 to 10.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"expected two lists of one length, got {one.shape} and {other.shape}")
    if not one.size:
        return float("nan")
    both = np.concatenate([one, other])
    if both.min() < LOWEST or both.max() > HIGHEST:
        raise ValueError(f"expected scores from {LOWEST} to {HIGHEST}")
    # Mean of (a - b)^2 over all pairs of the two lists, without making the pairs.
    by_chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    if by_chance == 0:
        return float("nan")
    return float(1 - np.mean((one - other) ** 2) / by_chance)
