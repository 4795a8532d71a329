"""Protects: of models that are equally near to retrained one is called nearest in 5 % of evaluations."""

import numpy as np
import pytest

from mllmu.evaluation.scoring.comparison import paired_difference
from mllmu.evaluation.scoring.nearest import not_told_from_nearest, permuted_ranges, recentred_ranges


def _outcome(answers, spread):
    """Who is not told from the nearest, by the answers [models, people]."""
    distances = dict(enumerate(answers.mean(axis=1)))
    best = min(distances, key=distances.get)
    people = range(answers.shape[1])
    p_values = {
        each: paired_difference(answers[each], answers[best], people, seed=0).p_value
        for each in distances
        if each != best
    }
    return not_told_from_nearest(distances, p_values, spread)


def _by_permuting(answers):
    return lambda models: permuted_ranges(answers[list(models)] / answers.shape[1], draws=199)


def _by_resampling(answers):
    people = answers.shape[1]
    weights = np.random.default_rng(0).multinomial(people, np.full(people, 1 / people), size=199) / people
    drawn = np.column_stack([answers.mean(axis=1), answers @ weights.T])
    return lambda models: recentred_ranges(drawn[list(models)])


@pytest.mark.parametrize("spread", [_by_permuting, _by_resampling])
def test_equals_are_seldom_told_apart(spread):
    """Compared with the observed nearest alone, one of four evaluations called some of twenty equals best."""
    generator = np.random.default_rng(3)
    told, told_by_pairs = [], []
    for _ in range(60):
        answers = generator.binomial(4, 0.5, size=(20, 60)) * 25.0
        told.append(bool(_outcome(answers, spread(answers))))
        told_by_pairs.append(bool(_outcome(answers, lambda models: np.zeros(99))))
    assert np.mean(told) <= 0.1 < np.mean(told_by_pairs)


@pytest.mark.parametrize("spread", [_by_permuting, _by_resampling])
def test_the_nearest_is_told_from_the_others_with_those_that_are_as_near(spread):
    generator = np.random.default_rng(3)
    answers = generator.binomial(4, [[0.2], [0.22], [0.6], [0.6], [0.9]], size=(5, 40)) * 25.0
    assert _outcome(answers, spread(answers)) == {0, 1}


def test_none_is_nearest_of_one_or_none():
    assert not_told_from_nearest({}, {}, _by_permuting(np.zeros((1, 1)))) == set()
    assert not_told_from_nearest({"npo": 3.0}, {}, _by_permuting(np.zeros((1, 1)))) == set()


def test_pairs_count_as_often_as_there_are_others():
    """A p-value of .04 tells a model from one other, and not from the nearest of two others."""
    spread = lambda models: np.zeros(99)  # noqa: E731
    assert not_told_from_nearest({"npo": 1.0, "ga": 9.0}, {"ga": 0.04}, spread) == {"npo"}
    both = {"npo": 1.0, "ga": 9.0, "kl_min": 9.0}
    assert not_told_from_nearest(both, {"ga": 0.04, "kl_min": 0.04}, spread) == set()
    assert not_told_from_nearest(both, {"ga": 0.02, "kl_min": 0.04}, spread) == {"npo"}


def test_permuting_changes_models_within_a_person():
    """Two people, two models: the sums are 3 and 12, or 4 and 11."""
    ranges = permuted_ranges(np.array([[1.0, 2.0], [10.0, 2.0]]), draws=50)
    assert set(ranges) == {9.0}
    ranges = permuted_ranges(np.array([[1.0, 2.0], [10.0, 3.0]]), draws=50)
    assert set(ranges) == {8.0, 10.0}


def test_recentring_takes_each_model_to_one_distance():
    drawn = np.array([[5.0, 6.0, 4.0], [50.0, 50.0, 53.0]])
    assert recentred_ranges(drawn).tolist() == [1.0, 4.0]
