"""Protects intervals of numbers that are no means."""

import math

import numpy as np
import pytest

from mllmu.evaluation.scoring.bootstrap import clustered_mean
from mllmu.evaluation.scoring.proportion import clustered_proportion
from mllmu.evaluation.scoring.resampling import estimate
from mllmu.evaluation.set_metric_registry import SET_METRICS
from mllmu.evaluation.set_metrics.set_metric import Interval
from mllmu.evaluation.set_metrics.vectorised import OfCounts, OfMeans


def mean(values):
    return float(values.mean())


def test_the_interval_of_a_mean_is_that_of_the_bootstrap_of_means():
    """Resampling people by their rows and by their sums draws the same people."""
    values, people = np.array([0.0, 1, 1, 0, 1, 1, 0]), list("aabbccd")
    plain = clustered_mean(values, people, seed=3, draws=200)
    general = estimate(mean, [values], people, seed=3, draws=200)
    assert (general.value, general.n, general.n_people) == (plain.value, plain.n, plain.n_people)
    assert (general.low, general.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("groups", ["", "xxxyyyy"])
def test_statistics_of_means_are_those_of_every_resample(groups):
    """All at once as one after the other, whatever number of rows people have."""
    columns = [np.array([0.0, 1, 1, 0, 1, 1, 0]), np.array([0.3, 0.1, 0.7, 0.2, 0.9, 0.4, 0.6])]
    people = list("aabccde")
    ratio = OfMeans(lambda first, second: first / second)
    one_by_one = estimate(lambda *each: ratio(*each), columns, people, groups, seed=3)
    at_once = estimate(ratio, columns, people, groups, seed=3)
    assert at_once.value == one_by_one.value == columns[0].mean() / columns[1].mean()
    assert (at_once.low, at_once.high) == pytest.approx((one_by_one.low, one_by_one.high), rel=1e-12)


@pytest.mark.parametrize("metric", ["membership_auc", "membership_tpr", "privacy_leakage"])
@pytest.mark.parametrize("levels", [3, 1000])
def test_statistics_of_two_groups_are_those_of_every_resample(metric, levels):
    """People of one row and of several, with ties and without."""
    generator = np.random.default_rng(levels)
    statistic = SET_METRICS.get(metric).statistic
    is_member = np.repeat([1.0, 0.0], 20)
    columns = [generator.integers(0, levels, 40) + 0.3 * levels * is_member for _ in range(2)]
    columns = columns if metric == "privacy_leakage" else columns[:1]
    people = [str(max(0, row % 20 - 8)) + str(row // 20) for row in range(40)]
    _at_once_as_one_by_one(statistic, [*columns, is_member], people, ["x"] * 20 + ["y"] * 20)


@pytest.mark.parametrize("metric", ["ks_distance", "js_distance", "wasserstein_distance"])
@pytest.mark.parametrize("levels", [3, 1000])
def test_distances_are_those_of_every_resample(metric, levels):
    """People of one row and of several, with ties and without."""
    generator = np.random.default_rng(levels)
    columns = [generator.integers(0, levels + 1, 40) ** power / levels**power for power in (1, 3)]
    people = [str(max(0, row - 8)) for row in range(40)]
    _at_once_as_one_by_one(SET_METRICS.get(metric).statistic, columns, people)


def _at_once_as_one_by_one(statistic, columns, people, groups=()):
    assert isinstance(statistic, OfCounts)
    one_by_one = estimate(lambda *each: statistic(*each), columns, people, groups, seed=3)
    at_once = estimate(statistic, columns, people, groups, seed=3)
    assert at_once.value == one_by_one.value
    assert (at_once.low, at_once.high) == pytest.approx((one_by_one.low, one_by_one.high), rel=1e-12)
    assert at_once.low < at_once.high


def test_groups_are_resampled_among_themselves():
    """Two people of each group, and a number that only counts rows of the first: always both."""
    is_first = np.array([1.0, 1, 0, 0])
    counted = estimate(lambda first: float(first.sum()), [is_first], list("abcd"), list("xxyy"), seed=0)
    assert counted.value == 2
    assert math.isnan(counted.low)  # no draw differs, and there are no bounds
    apart = estimate(lambda first: float(first.sum()), [is_first], list("abcd"), seed=0)
    assert (apart.low, apart.high) == (0, 4)


def test_what_no_draw_changes_reaches_as_far_as_unseen_people_allow():
    """As for means: of ten people none differs from 1; with 0.025^(1/10) up to 30.85 % may."""
    one = estimate(mean, [np.ones(10)], list("abcdefghij"), seed=0, bounds=(0, 1))
    assert (one.low, one.high) == pytest.approx((1 - 0.30850, 1), abs=1e-5)
    half_bounded = estimate(mean, [np.ones(10)], list("abcdefghij"), seed=0, bounds=(0, math.inf))
    assert math.isnan(half_bounded.low) and math.isnan(half_bounded.high)


def test_a_reflected_interval_leans_to_the_other_side():
    """The largest of ten is never above in a resample; reflected, its interval is never below."""
    values = np.arange(10.0)
    plain = estimate(lambda each: float(each.max()), [values], list("abcdefghij"), seed=0)
    mirrored = estimate(
        lambda each: float(each.max()), [values], list("abcdefghij"), seed=0, interval=Interval.DISTANCE
    )
    assert plain.low < 9 and plain.high == 9
    assert mirrored.low == 9 and mirrored.high == 2 * 9 - plain.low
    bounded = estimate(
        lambda each: float(each.max()),
        [values],
        list("abcdefghij"),
        seed=0,
        interval=Interval.DISTANCE,
        bounds=(0, 9.5),
    )
    assert bounded.high == 9.5


@pytest.mark.parametrize("metric", ["ks_distance", "js_distance", "wasserstein_distance"])
def test_models_that_do_not_differ_are_seldom_told_apart(metric):
    """Ten people with two answers each from one distribution, 100 times: some 5 may be told apart."""
    statistic = SET_METRICS.get(metric).statistic
    generator, people = np.random.default_rng(0), [str(row // 2) for row in range(20)]

    def lows(shift):
        for _ in range(100):
            first, second = generator.beta(2, 2, 20), np.minimum(generator.beta(2, 2, 20) + shift, 1)
            one = estimate(
                statistic,
                [first, second],
                people,
                seed=0,
                interval=Interval.DISTANCE,
                bounds=(0, 1),
                draws=200,
            )
            assert one.low <= one.value <= one.high
            yield one.low

    assert np.mean(np.array([*lows(0.0)]) > 0) <= 0.1
    assert np.mean(np.array([*lows(0.5)]) > 0) >= 0.9


@pytest.mark.parametrize("interval", [Interval.PERCENTILE, Interval.DISTANCE])
def test_a_number_on_a_bound_reaches_as_far_as_unseen_people_allow(interval):
    """The number is 1 only where all rows are the last one: no percentile knows, 20 people leave 17 %."""
    statistic = OfCounts(lambda counts, *columns: np.where(counts[:, -1] == counts.sum(axis=1), 1.0, 0.0))
    rows = [np.arange(20.0)] * 2
    one = estimate(statistic, rows, list("abcdefghijklmnopqrst"), seed=0, interval=interval, bounds=(0, 1))
    assert (one.value, one.low) == (0, 0) and one.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_a_proportion_has_the_interval_of_proportions():
    values = np.array([100.0, 0, 100])
    assert estimate(
        mean, [values], list("abc"), seed=0, interval=Interval.PROPORTION
    ) == clustered_proportion(values, list("abc"))


def test_without_people_groups_or_numbers_nothing_is_claimed():
    nothing = estimate(mean, [np.empty(0)], [], seed=0)
    assert nothing.n == 0 and math.isnan(nothing.value)
    alone = estimate(mean, [np.array([1.0, 2, 3])], list("aab"), ["x", "x", "y"], seed=0)
    assert alone.value == 2 and math.isnan(alone.low)  # a group of one person cannot be resampled
    undefined = estimate(lambda values: math.nan, [np.ones(3)], list("abc"), seed=0)
    assert undefined.n == 3 and math.isnan(undefined.value)
    # Half of the draws of two people are one person twice, for whom the number is not defined.
    rarely = estimate(
        lambda values: 1.0 if len(set(values)) > 1 else math.nan, [np.array([1.0, 2])], list("ab"), seed=0
    )
    assert rarely.value == 1 and math.isnan(rarely.low)


def test_same_seed_same_interval():
    values, people = np.random.default_rng(5).random(50), [str(row % 13) for row in range(50)]
    assert estimate(mean, [values], people, seed=3) == estimate(mean, [values], people, seed=3)
    assert estimate(mean, [values], people, seed=3) != estimate(mean, [values], people, seed=4)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="of the same rows"):
        estimate(mean, [np.ones(2)], ["a"], seed=0)
    with pytest.raises(ValueError, match="of the same rows"):
        estimate(mean, [np.ones(2)], ["a", "b"], ["x"], seed=0)
