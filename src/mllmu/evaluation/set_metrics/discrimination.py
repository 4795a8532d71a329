"""How well a score tells two groups apart."""

from __future__ import annotations

import math

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats

FALSE_POSITIVES = 0.01
"""The share of others that may be taken for members."""


def area_under_curve(scores: Floats, is_member: Floats) -> float:
    """Chance that a member's score is above another's, ties counting half, in 0..1.

    Args:
        scores: [n].
        is_member: 1 or 0 [n].

    Returns:
        The area under the ROC curve; 0.5 where all scores are equal, NaN where a group is empty or a score is
        none.
    """
    if np.isnan(scores).any():
        return float("nan")
    members, others = scores[is_member > 0], np.sort(scores[is_member <= 0])
    if not members.size or not others.size:
        return float("nan")
    # Mann and Whitney: of every pair, ties count half.
    below = np.searchsorted(others, members, side="left") + np.searchsorted(others, members, side="right")
    return float(below.mean() / (2 * others.size))


def true_positive_rate(scores: Floats, is_member: Floats, at: float = FALSE_POSITIVES) -> float:
    """Largest share of members above a threshold that at most a share `at` of the others are above, in 0..1.

    With fewer than 1 / `at` others not one of them may be. NaN where a group is empty or a score is none.
    """
    if np.isnan(scores).any():
        return float("nan")
    members, others = scores[is_member > 0], scores[is_member <= 0]
    if not members.size or not others.size:
        return float("nan")
    allowed = math.floor(at * others.size + 1e-9)
    threshold = np.sort(others)[::-1][min(allowed, others.size - 1)]
    return float((members > threshold).mean())
