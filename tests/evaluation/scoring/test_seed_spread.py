"""Protects what several seeds add to an interval and a p-value."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mllmu.evaluation.scoring.seed_spread import p_value_with_seeds, widened_by_seeds


def test_the_spread_of_seeds_adds_in_quadrature() -> None:
    """9, 10 and 11: t of two degrees of freedom 4.3027, standard error 1 / sqrt(3): 2.4841 beside 3."""
    low, high = widened_by_seeds(10, 7, 13, [9, 10, 11])
    half = (3**2 + 2.4841**2) ** 0.5
    assert (low, high) == pytest.approx((10 - half, 10 + half), abs=1e-3)


def test_one_seed_says_nothing_of_further_ones() -> None:
    assert widened_by_seeds(10, 7, 13, [10]) == (7, 13)
    assert p_value_with_seeds(0.01, 3, [10]) == 0.01


@pytest.mark.parametrize(
    ("p_value", "reach", "of_seeds", "expected"),
    [
        # At p = .31654, z = 1.0017 and t of one degree of freedom is tan(pi (1 - p) / 2) = 1.8425, and
        # (.7765 * 1.0017)^2 + 1.8425^2 = 2^2.
        (0.01, 0.7765 * 1.96, [1, 3], 0.3165),
        (0.01, 0.0, [1, 3], 0.2952),  # the seeds' alone: 1 - 2 arctan(2) / pi
        (0.01, 0.7765 * 1.96, [2, 2], 0.01),  # people's alone
        (0.7, 0.0, [1, 3], 0.7),
        (0.01, 1.0, [0, 0], 1.0),
        (1.0, 1.0, [1, 3], 1.0),
    ],
)
def test_both_spreads_together_have_to_be_exceeded(
    p_value: float, reach: float, of_seeds: list[float], expected: float
) -> None:
    assert p_value_with_seeds(p_value, reach, of_seeds) == pytest.approx(expected, abs=1e-4)


def test_p_is_below_five_per_cent_where_the_interval_leaves_zero_out() -> None:
    rng = np.random.default_rng(0)
    outside = 0
    for _ in range(200):
        of_seeds = rng.normal(2, 1, rng.integers(2, 8)).tolist()
        mean, error = float(np.mean(of_seeds)), rng.uniform(0.1, 1.5)
        half = stats.norm.ppf(0.975) * error
        low, high = widened_by_seeds(mean, mean - half, mean + half, of_seeds)
        p_value = p_value_with_seeds(2 * stats.norm.sf(abs(mean) / error), half, of_seeds)
        assert (p_value < 0.05) == (low > 0 or high < 0)
        outside += low > 0
    assert 40 < outside < 160


def test_noise_of_people_and_seeds_together_rejects_no_more_than_five_per_cent() -> None:
    """True mean 0, both spreads alike; the larger of both p-values alone would be below .05 in 9 per cent."""
    rng = np.random.default_rng(0)
    seeds, draws = 7, 4000
    of_people, of_seeds = rng.normal(size=draws), rng.normal(size=(draws, seeds)) * seeds**0.5
    rejected = larger = 0
    for shift, values in zip(of_people, of_seeds, strict=True):
        seen = shift + values
        p_people = 2 * stats.norm.sf(abs(seen.mean()))
        rejected += p_value_with_seeds(p_people, 1.96, seen.tolist()) < 0.05
        larger += max(p_people, stats.ttest_1samp(seen, 0).pvalue) < 0.05
    assert rejected / draws < 0.05 < 0.07 < larger / draws
