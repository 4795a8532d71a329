"""Protects AUC and TPR: scikit-learn gives the same, ties and degenerate groups included."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from mllmu.evaluation.set_metrics.discrimination import (
    area_under_curve,
    true_positive_rate,
    true_positive_rates,
)


@pytest.mark.parametrize("levels", [3, 10, 100000])
@pytest.mark.parametrize("at", [0.01, 0.1, 0.5])
def test_scikit_learn_agrees(levels, at):
    """Many ties, some, and none."""
    generator = np.random.default_rng(levels)
    is_member = np.array([1.0] * 70 + [0.0] * 130)
    scores = generator.integers(0, levels, 200) + levels * 0.3 * is_member
    assert area_under_curve(scores, is_member) == pytest.approx(roc_auc_score(is_member, scores))
    false, true, _ = roc_curve(is_member, scores, drop_intermediate=False)
    (rate,) = true_positive_rates(np.ones((1, 200)), scores, is_member, at)
    assert rate == pytest.approx(true[false <= at + 1e-12].max())


def test_values_worked_out_by_hand():
    """Members 3 and 1, others 2 and 1: of four pairs 3 is above twice, 1 below once and equal once: 2.5 / 4.

    No other may be above the threshold, so it is 2, and one member of two is above it.
    """
    scores, is_member = np.array([3.0, 1, 2, 1]), np.array([1.0, 1, 0, 0])
    assert area_under_curve(scores, is_member) == 0.625
    assert true_positive_rate(scores, is_member) == 0.5


def test_one_per_cent_of_a_hundred_others_is_one():
    scores = np.array([98.5, 99.5, *range(100)])
    is_member = np.array([1.0, 1] + [0] * 100)
    assert true_positive_rate(scores, is_member) == 1.0  # only 99 is above 98.5
    assert true_positive_rate(scores[:-1], is_member[:-1]) == 1.0  # none of 99 may be above 98
    assert true_positive_rate(scores[1:-1] - [1.5, *[0] * 99], is_member[1:-1]) == 0.0


def test_groups_that_are_empty_or_constant():
    """Nobody to compare with is no number; equal scores tell nobody apart."""
    for rate in (area_under_curve, true_positive_rate):
        assert math.isnan(rate(np.ones(3), np.ones(3)))
        assert math.isnan(rate(np.ones(3), np.zeros(3)))
        assert math.isnan(rate(np.empty(0), np.empty(0)))
    assert area_under_curve(np.ones(4), np.array([1.0, 0, 1, 0])) == 0.5
    assert true_positive_rate(np.ones(4), np.array([1.0, 0, 1, 0])) == 0


def test_a_score_that_is_none_ranks_nowhere():
    """Sorted, NaN is above all numbers: an equal model would look like a perfect attack."""
    scores, is_member = np.array([math.nan, math.nan, 0, 0, 0]), np.array([1.0, 1, 0, 0, 0])
    assert math.isnan(area_under_curve(scores, is_member))
    assert math.isnan(true_positive_rate(scores, is_member))
