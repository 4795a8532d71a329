"""Protects: weighted kappa is that of the books and of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from mllmu.evaluation.judge.calibration.kappa import weighted_kappa


def test_a_value_worked_out_by_hand():
    """Scores 1, 1, 3 against 1, 3, 3.

    Squares of differences: 0, 4, 0, mean 4/3. All nine pairs: 1-1, 1-3, 1-3, twice, 3-1, 3-3, 3-3: squares
    0 4 4 0 4 4 4 0 0, mean 20/9. Kappa = 1 - (4/3) / (20/9) = 0.4.
    """
    assert weighted_kappa([1, 1, 3], [1, 3, 3]) == pytest.approx(0.4)


def test_scikit_learn_agrees():
    rng = np.random.default_rng(3)
    one = rng.integers(1, 11, 200)
    other = np.clip(one + rng.integers(-3, 4, 200), 1, 10)
    expected = cohen_kappa_score(one, other, labels=range(1, 11), weights="quadratic")
    assert weighted_kappa(one, other) == pytest.approx(expected)


def test_ends_of_the_scale():
    assert weighted_kappa([1, 10], [1, 10]) == 1
    assert weighted_kappa([1, 10], [10, 1]) == -1
    assert np.isnan(weighted_kappa([5, 5], [5, 5])) and np.isnan(weighted_kappa([], []))


@pytest.mark.parametrize(("one", "other"), [([1], [1, 2]), ([0], [1]), ([1], [11])])
def test_what_are_no_scores_is_refused(one, other):
    with pytest.raises(ValueError, match="expected"):
        weighted_kappa(one, other)
