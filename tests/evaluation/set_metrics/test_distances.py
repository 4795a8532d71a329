"""Protects distances of distributions, and the p-value: scipy, hand values, and what they are blind to."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

from mllmu.evaluation.set_metrics.distribution_distance import BINS, jensen_shannon, ks, wasserstein
from mllmu.evaluation.set_metrics.forget_quality import FORGET_QUALITY, ks_p_value
from tests.evaluation.set_metrics.models import answer, frame, models

FEW, MANY = np.array([0.05, 0.05, 0.95, 0.95]), np.array([0.05, 0.95, 0.95, 0.95])


def test_values_worked_out_by_hand():
    """Halves against a quarter and three quarters.

    A quarter lies lower in one: KS .25, and moved by .9 that is .225. JS with m = (3/8, 5/8):
    (.5 log2(4/3) + .5 log2(4/5)) / 2 + (.25 log2(2/3) + .75 log2(6/5)) / 2 = .0488, whose root is .2209.
    """
    assert ks(FEW, MANY) == 0.25
    assert wasserstein(FEW, MANY) == pytest.approx(0.225)
    half = 0.5 * math.log2(4 / 3) + 0.5 * math.log2(4 / 5)
    other = 0.25 * math.log2(2 / 3) + 0.75 * math.log2(6 / 5)
    assert jensen_shannon(FEW, MANY) == pytest.approx(math.sqrt((half + other) / 2))
    assert jensen_shannon(FEW, MANY) == pytest.approx(0.2209, abs=1e-4)


@pytest.mark.parametrize("distance", [ks, jensen_shannon, wasserstein])
def test_a_distance_is_0_to_itself_symmetric_and_at_most_1(distance):
    values = np.random.default_rng(0).random(30)
    assert distance(values, values[::-1].copy()) == 0
    assert distance(FEW, MANY) == distance(MANY, FEW)
    assert distance(np.zeros(5), np.ones(5)) == 1


def test_values_are_counted_as_numpy_counts_them():
    """On the edges of bins as well, where rounding decides."""
    edges = np.linspace(0, 1, BINS + 1)
    near = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, 1).clip(0, 1)])
    values = np.concatenate([near, np.arange(11) / 10, np.random.default_rng(2).random(200)])
    others = np.random.default_rng(3).random(values.size) ** 3
    shares = (np.histogram(each, bins=BINS, range=(0, 1))[0] for each in (values, others))
    assert jensen_shannon(values, others) == jensenshannon(*shares, base=2)


def test_ks_is_that_of_scipy():
    generator = np.random.default_rng(1)
    for size in (1, 7, 40):
        first, second = generator.integers(0, 9, size) / 9, generator.random(13)
        # Repeating a sample changes nothing of its distribution.
        repeated = np.repeat(first, second.size), np.repeat(second, first.size)
        assert ks(*repeated) == pytest.approx(ks_2samp(first, second).statistic, abs=1e-12)


def test_wasserstein_is_that_of_scipy():
    generator = np.random.default_rng(4)
    for size in (1, 7, 40):
        first, second = generator.integers(0, 9, size) / 9, generator.random(size)
        assert wasserstein(first, second) == pytest.approx(wasserstein_distance(first, second), abs=1e-12)


def test_the_p_value_of_degenerate_samples():
    """Constant samples: equal ones give 1; two of three answers each give no less than 2 / C(6, 3) = .1."""
    assert ks_p_value(np.ones(4), np.ones(4)) == 1
    assert ks_p_value(np.zeros(3), np.ones(3)) == pytest.approx(0.1)
    assert ks_p_value(np.array([np.inf, 1.0]), np.array([1.0, np.inf])) == 1
    assert math.isnan(ks_p_value(np.empty(0), np.ones(3)))


def test_truth_ratios_belong_to_questions_and_not_to_places():
    """A question without wrong answers is left out in both, also where it stands elsewhere in one."""

    def asked(person, paraphrase, wrong):
        return answer(person, [], paraphrase_log_probs=[paraphrase], wrong_log_probs=wrong)

    one, two, none = asked("1", -1.0, [[-2.0]]), asked("2", -1.0, [[-4.0]]), asked("3", -1.0, [])
    (sample,) = FORGET_QUALITY.samples(models(frame(none, one, two), frame(two, none, one)))
    assert list(sample.people) == ["1", "2"]
    # R = exp(nll of the paraphrase - nll of the wrong answer): exp(1 - 2) and exp(1 - 4).
    for column in sample.columns:
        assert column == pytest.approx([math.exp(-1), math.exp(-3)])
