import math

import numpy as np
import pytest

from mllmu.evaluation.scoring.bootstrap import clustered_mean


def test_independent_questions_give_the_binomial_interval():
    """One question each of 400 people, half right: standard error 50 / sqrt(400) = 2.5, times 1.96 is 4.9."""
    values = [0.0, 100.0] * 200
    estimate = clustered_mean(values, range(400), seed=1, draws=20000)
    assert estimate.value == 50
    assert estimate.n == 400
    assert estimate.low == pytest.approx(50 - 4.9, abs=0.3)
    assert estimate.high == pytest.approx(50 + 4.9, abs=0.3)


def test_questions_about_one_person_count_as_one():
    """Four identical questions of each of 100 people: standard error 50 / sqrt(100) = 5, not 2.5."""
    values = np.repeat([0.0, 100.0] * 50, 4)
    estimate = clustered_mean(values, [str(row // 4) for row in range(400)], seed=1, draws=20000)
    assert estimate.n == 400
    assert estimate.low == pytest.approx(50 - 9.8, abs=0.5)
    assert estimate.high == pytest.approx(50 + 9.8, abs=0.5)


def test_two_people_worked_out_by_hand():
    """People a (0, 0, 0) and b (1): a quarter of the draws is aa (0), a quarter bb (1), so it is 0..1."""
    estimate = clustered_mean([0, 0, 0, 1], ["a", "a", "a", "b"], seed=0)
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (0.25, 0.0, 1.0, 4)


def test_one_person_nothing_and_missing_values():
    alone = clustered_mean([1, 0], ["a", "a"], seed=0, bounds=(0, 1))
    assert (alone.value, alone.n, alone.n_people) == (0.5, 2, 1)
    assert math.isnan(alone.low) and math.isnan(alone.high)
    assert clustered_mean([], [], seed=0).n == 0
    assert math.isnan(clustered_mean([math.nan], ["a"], seed=0).value)
    some = clustered_mean([1, math.nan, 0], "abc", seed=0)
    assert (some.n, some.n_people) == (2, 2)


def test_people_who_are_all_equal_bound_how_many_are_not():
    """Of ten people none differs from 0.8; with 0.025^(1/10) = 0.6915 up to 30.85 % may, as far as 0 or 1."""
    estimate = clustered_mean([0.8] * 10, range(10), seed=0, bounds=(0, 1))
    assert (estimate.low, estimate.high) == pytest.approx((0.8 * 0.69150, 0.8 + 0.2 * 0.30850), abs=1e-5)
    perfect = clustered_mean([10.0] * 10, range(10), seed=0, bounds=(1, 10))
    assert (perfect.low, perfect.high) == pytest.approx((10 - 9 * 0.30850, 10), abs=1e-4)
    unbounded = clustered_mean([0.8] * 10, range(10), seed=0)
    assert math.isnan(unbounded.low) and math.isnan(unbounded.high)


def test_same_seed_same_interval():
    values, people = np.random.default_rng(5).random(50), [str(row % 13) for row in range(50)]
    assert clustered_mean(values, people, seed=3) == clustered_mean(values, people, seed=3)
    assert clustered_mean(values, people, seed=3) != clustered_mean(values, people, seed=4)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="one person per value"):
        clustered_mean([1, 2], "a", seed=0)
