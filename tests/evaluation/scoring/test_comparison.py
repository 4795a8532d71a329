"""Protects: differences between models are paired, judged by people, and not found where there are none."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mllmu.evaluation.scoring.comparison import (
    difference_of_people,
    holm,
    paired_difference,
    person_scores,
)
from mllmu.evaluation.scoring.score import question_values
from mllmu.evaluation.scoring.sign_flip import sign_flip_test, smallest_p_value
from tests.evaluation.rows import frame


@pytest.mark.parametrize(
    ("people", "p_value"), [("aaaa", 1.0), ("aabb", 0.5), ("abc", 0.25), ("abcd", 0.125), ("abcde", 0.0625)]
)
def test_people_who_all_agree(people, p_value):
    """Of the 2^n ways to turn signs around, two are as far from zero: nobody's and everybody's."""
    gap = paired_difference([1] * len(people), [0] * len(people), people, seed=0)
    assert gap.p_value == p_value == smallest_p_value(len(set(people)))
    assert (gap.n, gap.n_people) == (len(people), len(set(people)))


def test_three_people_by_hand():
    """Differences 3, 1, -1: sums of all flips are 3, -3, 1, 5, -1, -5, 3, -3; six of eight reach 3."""
    assert paired_difference([3, 1, 0], [0, 0, 1], "abc", seed=0).p_value == 0.75


def test_the_exact_test_is_scipys():
    """People with 1 to 4 questions each; sums over people are what is turned around."""
    sums = np.random.default_rng(1).normal(0.4, 1, 11)
    counts = np.random.default_rng(2).integers(1, 5, 11).astype(float)
    expected = stats.permutation_test((sums,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_test(sums, counts)[2] == pytest.approx(expected.pvalue)


def test_the_interval_is_what_the_test_does_not_reject():
    sums = np.random.default_rng(4).normal(1, 1, 8)
    counts = np.asarray([1.0, 2, 3, 1, 2, 3, 1, 2])
    low, high, _ = sign_flip_test(sums, counts)
    for end, step in ((low, 1e-6), (high, -1e-6)):
        assert sign_flip_test(sums - counts * (end - step), counts)[2] <= 0.05
        assert sign_flip_test(sums - counts * (end + step), counts)[2] > 0.05


def test_fewer_than_six_people_exclude_nothing():
    """From the lowest person to the highest, and to zero: five heads in a row are no proof at 95 %."""
    gap = paired_difference([2, 3, 4, 5, 6], [0] * 5, "abcde", seed=0)
    assert (gap.low, gap.high) == (0, 6)
    assert paired_difference([2, 3, 4, 5, 6, 7], [0] * 6, "abcdef", seed=0).low == 2


def test_no_difference_is_found_in_at_most_one_of_twenty():
    """Right or wrong answers of people who differ from each other, two questions each; 400 repetitions."""
    for people in (5, 10, 17, 25):
        generator, found, excluded = np.random.default_rng(people), 0, 0
        for _ in range(400):
            known = generator.random((people, 1))
            first, second = (generator.random((2, people, 2)) < known).astype(float)
            whose = np.repeat(np.arange(people), 2)
            gap = paired_difference(first.ravel(), second.ravel(), list(whose), seed=0)
            found += gap.p_value <= 0.05
            excluded += gap.low > 0 or gap.high < 0
        # At a true rate of 5 %, three standard errors of 400 tries are 3.3 points.
        assert found / 400 < 0.083
        assert excluded / 400 < 0.083


def test_many_people_by_the_normal_law():
    """A hundred people, differences 0 and 1: mean .5, standard error .05, Student's t of 99 is 1.984."""
    gap = paired_difference([0, 1] * 50, [0] * 100, range(100), seed=0, draws=20001)
    assert (gap.low, gap.high) == pytest.approx((0.5 - 0.0997, 0.5 + 0.0997), abs=0.01)
    assert gap.p_value < 0.001


def test_pairs_cancel_what_questions_have_in_common():
    """A difference that varies little has a narrow interval, however much the questions differ."""
    second = np.random.default_rng(0).random(60)
    for people in (20, 30):
        whose = [row % people for row in range(60)]
        first = second + 2 + np.asarray(whose) / 1000
        gap = paired_difference(first, second, list(map(str, whose)), seed=0)
        assert (gap.value, gap.low, gap.high) == pytest.approx((2.01, 2.01, 2.01), abs=0.01)
        assert gap.p_value <= 0.002


@pytest.mark.parametrize("people", [10, 30])
def test_people_who_all_differ_equally_do_not_stand_for_everybody(people):
    """Up to 1 - .025^(1/people) of all people may be others: 31 % for 10 people, on either side.

    Ten who all have 1 where the other model has 0 leave room for 31 % who have -1: 1 - .31 * 2.
    """
    share = 1 - 0.025 ** (1 / people)
    whose = list(map(str, range(people)))
    none = paired_difference([0] * people, [0] * people, whose, seed=0, bounds=(-1, 1))
    assert (none.value, none.low, none.high) == pytest.approx((0, -share, share))
    every = paired_difference([1] * people, [0] * people, whose, seed=0, bounds=(-1, 1))
    assert (every.value, every.low, every.high) == pytest.approx((1, 1 - 2 * share, 1))
    assert every.p_value < 0.01
    little = paired_difference([0.1] * people, [0] * people, whose, seed=0, bounds=(-1, 1))
    assert (little.low, little.high) == pytest.approx((0, 0.1 + share * 0.9))
    unbounded = paired_difference([1] * people, [0] * people, whose, seed=0)
    assert np.isnan([unbounded.low, unbounded.high]).all()


def test_no_difference_is_not_significant():
    gap = paired_difference([1, 0] * 50, [0, 1] * 50, range(100), seed=0)
    assert gap.value == 0
    assert gap.p_value > 0.8
    assert paired_difference([1, 2], [1, 2], "ab", seed=0).p_value == 1


def test_questions_missing_in_either_model_are_left_out():
    gap = paired_difference([1, 1, 1, math.nan, 1], [0, 0, 0, 0, math.nan], "aaabc", seed=0)
    assert (gap.value, gap.n, gap.n_people, gap.p_value) == (1, 3, 1, 1)
    nothing = paired_difference([math.nan], [1], "a", seed=0)
    assert nothing.n == 0
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.p_value)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="same questions"):
        paired_difference([1, 2], [1], "ab", seed=0)
    with pytest.raises(ValueError, match="one person per value"):
        paired_difference([1, 2], [1, 2], "a", seed=0)


def test_holm_by_hand():
    """Sorted .01, .02, .03, .04 times 4, 3, 2, 1: .04, .06, .06, .04, and none below the one before."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([]) == []
    given = holm([0.02, math.nan, 0.5])
    assert given[0] == pytest.approx(0.04)
    assert math.isnan(given[1])


def test_person_scores_give_the_same_difference_as_questions():
    first = frame(*(cloze(who, place, said) for who, place, said in _asked("Riga", "Oslo", "Riga")))
    second = frame(*(cloze(who, place, said) for who, place, said in _asked("Oslo", "Oslo", "Riga")))
    tables = [person_scores(each).query("metric == 'cloze_contains'") for each in (first, second)]
    assert list(tables[0]["n"]) == [2, 1]
    sums = [(each["value"] * each["n"]).to_numpy() for each in tables]
    weights = tables[0]["n"].to_numpy(dtype=float)
    found = difference_of_people(sums[0] - sums[1], weights, 3, seed=0)
    values = [question_values(each).query("metric == 'cloze_contains'")["value"] for each in (first, second)]
    assert found == paired_difference(*values, ["1", "1", "2"], seed=0)


def test_person_scores_of_nothing_have_their_columns():
    empty = person_scores(frame())
    assert isinstance(empty, pd.DataFrame)
    assert list(empty.columns)[-4:] == ["profile_id", "value", "n", "questions"]


def cloze(person, place, response):
    question = {"profile_id": person, "question_id": f"{person}/{place}", "task": "cloze", "answer": "Riga"}
    return {**question, "eval_set": "forget", "modality": "text", "response": response}


def _asked(*said):
    return zip("112", itertools.chain(range(2), [0]), said, strict=True)
