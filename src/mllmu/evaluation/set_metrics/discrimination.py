"""How well a score tells two groups apart."""

from __future__ import annotations

import numpy as np

from mllmu.evaluation.set_metrics.set_metric import Floats
from mllmu.evaluation.set_metrics.vectorised import OfCounts

FALSE_POSITIVES = 0.01
"""The share of others that may be taken for members."""


def areas_under_curve(counts: Floats, scores: Floats, is_member: Floats) -> Floats:
    """Chance that a member's score is above another's, ties counting half, in 0..1.

    Args:
        counts: how often each row counts [resamples, n].
        scores: [n].
        is_member: 1 or 0 [n].

    Returns:
        The area under the ROC curve of each resample; 0.5 where all scores are equal, NaN where a group is
        empty or a score is none.
    """
    if not scores.size or np.isnan(scores).any():
        return np.full(len(counts), np.nan)
    members, others = _at_each_score(counts, scores, is_member)
    # Mann and Whitney: of every pair, ties count half.
    twice_below = (members * (2 * others.cumsum(axis=1) - others)).sum(axis=1)
    with np.errstate(invalid="ignore"):  # 0 / 0 where a group is empty
        return np.asarray(twice_below / members.sum(axis=1) / (2 * others.sum(axis=1)))


def true_positive_rates(
    counts: Floats, scores: Floats, is_member: Floats, at: float = FALSE_POSITIVES
) -> Floats:
    """Largest share of members above a threshold that at most a share `at` of the others are above, in 0..1.

    With fewer than 1 / `at` others not one of them may be. NaN where a group is empty or a score is none;
    arguments are those of `areas_under_curve`.
    """
    if not scores.size or np.isnan(scores).any():
        return np.full(len(counts), np.nan)
    members, others = (group[:, ::-1] for group in _at_each_score(counts, scores, is_member))
    n_members, n_others = members.sum(axis=1), others.sum(axis=1)
    allowed = np.minimum(np.floor(at * n_others + 1e-9), n_others - 1)
    threshold = (others.cumsum(axis=1) > allowed[:, np.newaxis]).argmax(axis=1)
    above = (members.cumsum(axis=1) - members)[np.arange(len(counts)), threshold]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(n_others > 0, above / n_members, np.nan))


def _at_each_score(counts: Floats, scores: Floats, is_member: Floats) -> tuple[Floats, Floats]:
    """How many members and others have each score there is, the lowest first [resamples, scores]."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    of_members = (counts * (is_member > 0))[:, order]
    of_others = (counts * (is_member <= 0))[:, order]
    return np.add.reduceat(of_members, first, axis=1), np.add.reduceat(of_others, first, axis=1)


area_under_curve = OfCounts(areas_under_curve)
true_positive_rate = OfCounts(true_positive_rates)
