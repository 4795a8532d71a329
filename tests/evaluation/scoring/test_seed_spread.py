"""Protects what several seeds add to an interval and a p-value."""

from __future__ import annotations

import pytest

from mllmu.evaluation.scoring.seed_spread import p_value_with_seeds, widened_by_seeds


def test_the_spread_of_seeds_adds_in_quadrature() -> None:
    """9, 10 and 11: t of two degrees of freedom 4.3027, standard error 1 / sqrt(3): 2.4841 beside 3."""
    low, high = widened_by_seeds(10, 7, 13, [9, 10, 11])
    half = (3**2 + 2.4841**2) ** 0.5
    assert (low, high) == pytest.approx((10 - half, 10 + half), abs=1e-3)


def test_one_seed_says_nothing_of_further_ones() -> None:
    assert widened_by_seeds(10, 7, 13, [10]) == (7, 13)
    assert p_value_with_seeds(0.01, [10]) == 0.01


@pytest.mark.parametrize(
    ("of_seeds", "expected"),
    [
        ([1, 3], 0.2952),  # t = 2 / 1 with one degree of freedom: 1 - 2 arctan(2) / pi
        ([2, 2], 0.01),
        ([0, 0], 1.0),
    ],
)
def test_the_larger_p_value_counts(of_seeds: list[float], expected: float) -> None:
    assert p_value_with_seeds(0.01, of_seeds) == pytest.approx(expected, abs=1e-4)
