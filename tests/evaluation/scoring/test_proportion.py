"""Protects the interval of a proportion: never of no width, and as wide as people, not questions, make it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from mllmu.evaluation.scoring.proportion import clopper_pearson, clustered_proportion, korn_graubard

HALF = [0.0, 100.0]


@pytest.mark.parametrize(("right", "asked"), [(0, 10), (1, 10), (4, 20), (15, 20), (10, 10)])
def test_the_exact_interval_is_that_of_the_library(right, asked) -> None:
    expected = binomtest(right, asked).proportion_ci(0.95, "exact")
    assert clopper_pearson(right, asked) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_published_interval() -> None:
    """4 of 20: 5.73 % to 43.66 % in tables of exact binomial intervals."""
    assert clopper_pearson(4, 20) == pytest.approx((0.0573, 0.4366), abs=5e-5)


@pytest.mark.parametrize("questions", [1, 2, 20])
def test_people_who_are_all_right_count_as_one_question_each(questions) -> None:
    """0.025^(1/10) = 0.6915, however often each was asked."""
    people = np.repeat(np.arange(10), questions)
    right = clustered_proportion([100.0] * len(people), list(people))
    assert (right.low, right.high) == pytest.approx((69.15, 100), abs=0.005)
    wrong = clustered_proportion([0.0] * len(people), list(people))
    assert (wrong.low, wrong.high) == pytest.approx((0, 30.85), abs=0.005)
    assert (right.n, right.n_people) == (10 * questions, 10)


def test_what_people_always_repeat_is_worth_one_question_each() -> None:
    """20 people, half right in all of 5 questions: the variance is 1 / (4 * 19), so 19 questions count, times
    (t99 / t19)^2 = (1.98422 / 2.09302)^2 = 0.89874 since it is estimated: 17.076."""
    estimate = clustered_proportion(np.repeat(HALF * 10, 5), list(np.repeat(np.arange(20), 5)))
    low, high = clopper_pearson(17.076 / 2, 17.076)
    assert (estimate.value, estimate.n, estimate.n_people) == (50, 100, 20)
    assert (estimate.low, estimate.high) == pytest.approx((100 * low, 100 * high), abs=0.01)


def test_one_question_each_is_a_binomial_of_as_many_people_less_one() -> None:
    """The variance from 20 people is p (1 - p) / 19, and both quantiles of t have 19 degrees of freedom."""
    estimate = clustered_proportion(HALF * 10, range(20))
    low, high = clopper_pearson(9.5, 19)
    assert (estimate.low, estimate.high) == pytest.approx((100 * low, 100 * high))


def test_people_who_balance_one_another_are_worth_no_more_than_their_questions() -> None:
    """Ten people, each right half the time: nothing varies between them; ten questions count."""
    balanced = clustered_proportion(HALF * 500, list(np.repeat(np.arange(10), 100)))
    assert (balanced.low, balanced.high) == pytest.approx(tuple(100 * end for end in clopper_pearson(5, 10)))
    low, high = korn_graubard(0.5, 1e-6, 40, 1000)
    assert (low, high) == pytest.approx(clopper_pearson(20, 40))


def test_many_questions_about_a_person_are_taken_to_correlate_a_little() -> None:
    """10 people, 11 questions each: 110 / (1 + 0.1 * 10) = 55, times (t109 / t9)^2, 1.98197 and 2.26216."""
    ratio = (1.98197 / 2.26216) ** 2
    expected = clopper_pearson(0.2 * 55 * ratio, 55 * ratio)
    assert korn_graubard(0.2, 0.2 * 0.8 / 110, 110, 10) == pytest.approx(expected, abs=1e-5)
    assert korn_graubard(0.2, 0.2 * 0.8 / 55, 110, 10) == pytest.approx(expected, abs=1e-5)
    assert korn_graubard(0.2, 0.2 * 0.8 / 50, 110, 10)[0] < expected[0]


def test_intervals_contain_the_value_and_widen_as_answers_of_a_person_agree() -> None:
    """The same right answers, first shared out at random, then put together person by person."""
    rng = np.random.default_rng(0)
    people = list(np.repeat(np.arange(20), 5))
    for rate in (0.03, 0.2, 0.5, 0.9):
        values = 100.0 * (rng.random(100) < rate)
        apart, together = (clustered_proportion(each, people) for each in (values, np.sort(values)))
        assert apart.value == together.value
        for estimate in (apart, together):
            assert 0 <= estimate.low <= estimate.value <= estimate.high <= 100
            assert estimate.high - estimate.low > 5
        assert together.high - together.low > apart.high - apart.low


def test_every_part_of_a_mean_counts_the_same() -> None:
    """Ten people: 1 question of the first kind, always right, and 4 of the second, never: 50, not 20."""
    values = [100.0, 0.0, 0.0, 0.0, 0.0] * 10
    people = list(np.repeat(np.arange(10), 5))
    estimate = clustered_proportion(values, people, list("abbbb") * 10)
    assert (estimate.value, estimate.n, estimate.n_people) == (50, 50, 10)


def test_a_mean_of_parts_asks_the_same_people_once_more() -> None:
    """Two tasks with equal answers are no better than one; with opposite ones the errors cancel."""
    right = 100.0 * (np.random.default_rng(1).random(40) < 0.5)
    people = [*range(40), *range(40)]
    parts = ["cloze"] * 40 + ["generation"] * 40
    one = clustered_proportion(right, range(40))
    same = clustered_proportion([*right, *right], people, parts)
    opposite = clustered_proportion([*right, *(100 - right)], people, parts)
    # Only Student's quantile, of 79 instead of 39 degrees of freedom, tells them apart.
    assert (same.low, same.high) == pytest.approx((one.low, one.high), abs=0.5)
    assert opposite.value == 50
    # 40 people are what counts where nothing varies between them, and 39 where one question each does.
    assert opposite.high - opposite.low < same.high - same.low


def test_one_person_nothing_and_missing_values() -> None:
    alone = clustered_proportion([100.0, 0.0], "aa")
    assert (alone.value, alone.n_people) == (50, 1)
    assert math.isnan(alone.low) and math.isnan(alone.high)
    assert clustered_proportion([], []).n == 0
    assert math.isnan(clustered_proportion([math.nan], "a").value)
    some = clustered_proportion([100.0, math.nan, 0.0], "abc", "xyx")
    assert (some.value, some.n, some.n_people) == (50, 2, 2)
    with pytest.raises(ValueError, match="one person, one part and one count per value"):
        clustered_proportion([1.0, 2.0], "a")
    with pytest.raises(ValueError, match="one person, one part and one count per value"):
        clustered_proportion([1.0, 2.0], "ab", "x")


def test_the_truth_is_covered_near_the_ends() -> None:
    """10 people, 2 questions each, 5 % right, correlated by 0.1: resampling people covers it in 63 %."""
    rng = np.random.default_rng(0)
    people = list(np.repeat(np.arange(10), 2))
    covered = []
    for chances in rng.beta(0.05 * 9, 0.95 * 9, size=(300, 10, 1)):
        right = 100.0 * (rng.random((10, 2)) < chances)
        estimate = clustered_proportion(right.ravel(), people)
        covered.append(estimate.low <= 5 <= estimate.high)
    assert np.mean(covered) >= 0.93


def test_means_of_people_give_what_their_questions_give():
    """The report has no questions, but what each person answered right of how many, part by part."""
    generator = np.random.default_rng(0)
    rows = [(who, part) for who in range(9) for part in "abc" for _ in range(generator.integers(1, 5))]
    values = 100.0 * generator.integers(0, 2, len(rows))
    people, parts = zip(*rows, strict=True)
    whole = clustered_proportion(values, people, parts)
    groups = sorted(set(rows))
    of_group = [values[[row == group for row in rows]] for group in groups]
    shares, counts = [each.mean() for each in of_group], [len(each) for each in of_group]
    assert max(counts) > 1
    given = clustered_proportion(shares, *zip(*groups, strict=True), counts)
    assert (given.value, given.low, given.high) == pytest.approx((whole.value, whole.low, whole.high))
    assert (given.n, given.n_people) == (whole.n, whole.n_people) == (len(rows), 9)
