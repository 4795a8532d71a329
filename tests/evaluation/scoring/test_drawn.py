"""Protects intervals and p-values from draws of people, on draws whose moments are known."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.drawn import drawn_difference, drawn_p_value, drawn_proportion
from mllmu.evaluation.scoring.proportion import korn_graubard

# Everybody once gives 40; the draws' variance is 100, of ten people's mean 100 * 10 / 9.
DRAWS = np.asarray([40.0, 30.0, 50.0, 30.0, 50.0])


def test_a_proportion_has_the_interval_of_accuracies() -> None:
    estimate = drawn_proportion(DRAWS, questions=60, people=10)
    low, high = korn_graubard(0.4, 0.01 * 10 / 9, 60, 10)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((40, 100 * low, 100 * high))
    assert (estimate.n, estimate.n_people) == (60, 10)


def test_where_draws_have_no_value_nothing_is_known_of_the_interval() -> None:
    estimate = drawn_proportion(np.asarray([40.0, np.nan, 30.0]), 60, 10)
    assert estimate.value == 40 and np.isnan([estimate.low, estimate.high]).all()


def test_what_goes_together_makes_a_narrow_difference() -> None:
    """A model that always is at retrained has a narrow interval; one that does the opposite a wide one."""
    same = drawn_difference(DRAWS, DRAWS, 60, 10)
    opposite = drawn_difference(DRAWS, 80 - DRAWS, 60, 10)
    assert same.value == opposite.value == 0
    assert opposite.low < same.low < 0 < same.high < opposite.high


@pytest.mark.parametrize(
    ("values", "people", "expected"),
    [
        # Standard error 10 sqrt(10 / 9); t = 3.7947 with nine degrees of freedom.
        (DRAWS, 10, 0.00425),
        (np.full(5, 40.0), 10, 2**-9),  # who agree do not vary: the least of the exact test
        (np.zeros(5), 10, 1.0),
        (DRAWS, 1, 1.0),
    ],
)
def test_p_values(values: np.ndarray, people: int, expected: float) -> None:
    assert drawn_p_value(values, people) == pytest.approx(expected, rel=0.01)
