"""Protects the draw of wrong options: each must be as likely as the others to be the true one."""

import itertools
import random
from collections import Counter

import pytest

from mllmu.synthesis.categorical_distribution import CategoricalDistribution


def test_bayes_rule_by_hand() -> None:
    """Prior 1:3 and likelihoods 0.6 and 0.2 give equal posteriors; impossible values vanish."""
    prior = CategoricalDistribution.weighted({"a": 1.0, "b": 3.0, "c": 5.0})
    posterior = prior.given({"a": 0.6, "b": 0.2, "c": 0.0}.__getitem__)
    assert posterior.probabilities == pytest.approx({"a": 0.5, "b": 0.5})


def test_draws_follow_the_weights() -> None:
    """60,000 draws of probability 0.75 have a standard error of 0.0018."""
    distribution = CategoricalDistribution.weighted({"rare": 1.0, "never": 0.0, "common": 3.0})
    rng = random.Random(0)
    counts = Counter(distribution.draw(rng) for _ in range(60_000))
    assert set(counts) == {"rare", "common"}
    assert counts["common"] / 60_000 == pytest.approx(0.75, abs=0.008)


def test_every_option_of_a_set_is_the_true_one_equally_often() -> None:
    """True values have probabilities 0.24 to 0.04; within each set of four all are true alike."""
    weights = {"a": 24.0, "b": 22.0, "c": 18.0, "d": 14.0, "e": 10.0, "f": 8.0, "g": 4.0}
    distribution = CategoricalDistribution.weighted(weights)
    rng = random.Random(1)
    truth: dict[frozenset[str], Counter[str]] = {}
    for _ in range(80_000):
        true = distribution.draw(rng)
        options = frozenset({true, *distribution.decoys(true, 3, rng)})
        assert len(options) == 4
        truth.setdefault(options, Counter())[true] += 1
    often = {options: counts for options, counts in truth.items() if sum(counts.values()) > 2000}
    assert len(often) >= 5
    for options, counts in often.items():
        total = sum(counts.values())
        for value in options:
            # The standard error of a share of 0.25 is below 0.0097 here.
            assert counts[value] / total == pytest.approx(0.25, abs=0.045), (options, counts)


def test_a_value_too_common_is_always_among_the_options() -> None:
    distribution = CategoricalDistribution.weighted({"none": 75.0, **dict.fromkeys("abcdefgh", 3.0)})
    rng = random.Random(2)
    for true in "abcdefgh":
        assert "none" in distribution.decoys(true, 3, rng)
    assert len(set(distribution.decoys("none", 3, rng))) == 3


def test_uniform_values_are_all_used_equally() -> None:
    distribution = CategoricalDistribution.uniform("abcdef")
    rng = random.Random(3)
    pairs = Counter(frozenset(distribution.decoys("a", 2, rng)) for _ in range(20_000))
    assert set(pairs) == {frozenset(pair) for pair in itertools.combinations("bcdef", 2)}
    assert min(pairs.values()) > 1800, "2,000 each are expected"


def test_where_all_values_are_needed_all_are_given() -> None:
    """However unequal they are."""
    distribution = CategoricalDistribution.weighted(
        {"a": 50.0, "b": 0.3, "c": 7.0, "d": 1.1, "e": 0.7, "f": 3.0}
    )
    assert sorted(distribution.decoys("c", 5, random.Random(0))) == ["a", "b", "d", "e", "f"]


def test_what_cannot_be_done_is_refused() -> None:
    distribution = CategoricalDistribution.weighted({"a": 2.0, "b": 1.0, "c": 1.0})
    rng = random.Random(0)
    with pytest.raises(ValueError, match="3 wrong values were asked for and 2 exist"):
        distribution.decoys("a", 3, rng)
    with pytest.raises(ValueError, match="2 wrong values were asked for and 1 exist"):
        distribution.decoys("a", 2, rng, avoid=["b"])
    with pytest.raises(ValueError, match="'z' is not among"):
        distribution.decoys("z", 1, rng)
