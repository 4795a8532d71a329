"""Metrics of teacher-forced log-probabilities; every expected number is worked out in the test."""

import math

import numpy as np
import pytest

from mllmu.evaluation.metrics import memorization, probability, truth_ratio
from mllmu.evaluation.metrics import option_accuracy as options
from mllmu.evaluation.metrics.token_audit import ECHO_LOG_PROB, TEMPLATE_LOG_PROB, VALUE_LOG_PROB
from tests.evaluation.rows import frame


def test_the_likeliest_option_is_the_likeliest_per_token():
    """-4 over 4 tokens beats -3 over 1 token and -3 over 2."""
    assert options.likeliest([-3.0, -4.0, -3.0], [1, 4, 2]) == [1]
    assert options.likeliest([-1.0, -2.0, -3.0], [1, 2, 1]) == [0, 1]


def test_option_and_letter_likelihood_accuracy():
    """The letters are those of the options: with A, C, D and F the third likeliest is D."""
    scored = {
        "letter_log_probs": [-3.0, -2.0, -1.0, -4.0],
        "option_log_probs": [-3.0, -4.0, -3.0, -9.0],
        "option_lengths": [1, 4, 2, 1],
    }
    records = frame(
        {"correct_option": "B", "option_letters": list("ABCD"), **scored},
        {"correct_option": "C", "option_letters": list("ABCD"), **scored},
        {"correct_option": "D", "option_letters": list("ACDF"), **scored},
        {"correct_option": "A"},
    )
    assert options.option_likelihood_accuracy(records).tolist()[:3] == [100, 0, 0]
    assert math.isnan(options.option_likelihood_accuracy(records)[3])
    assert options.letter_likelihood_accuracy(records).tolist()[:3] == [0, 100, 100]
    assert math.isnan(options.letter_likelihood_accuracy(records)[3])


def test_options_that_tie_share_what_a_guess_among_them_is_worth():
    """A model that refuses finds all alike, and is right in 25 %, wherever right options are listed."""
    for correct, tied in (("A", 4), ("D", 4), ("B", 2), ("D", 2)):
        scored = [-2.0] * tied + [-3.0] * (4 - tied)
        likelihoods = {"option_log_probs": scored, "option_lengths": [1] * 4, "letter_log_probs": scored}
        records = frame({"correct_option": correct, "option_letters": list("ABCD"), **likelihoods})
        worth = 100 / tied if ord(correct) - ord("A") < tied else 0
        assert options.option_likelihood_accuracy(records)[0] == worth
        assert options.letter_likelihood_accuracy(records)[0] == worth
    by_tokens = [-0.1 * 3, sum([-0.1] * 7)]  # not equal but for rounding
    assert options.likeliest(by_tokens, [3, 7]) == [0, 1]


def test_an_option_without_a_likelihood_is_neither_chosen_nor_passed_over():
    """NaN first would be the largest of all, and NaN later the smallest, as an overflowed model has them."""
    for at in range(4):
        scored = [-3.0, -2.0, -1.0, -4.0]
        scored[at] = math.nan
        likelihoods = {"option_log_probs": scored, "option_lengths": [1] * 4, "letter_log_probs": scored}
        records = frame({"correct_option": "A", "option_letters": list("ABCD"), **likelihoods})
        assert math.isnan(options.option_likelihood_accuracy(records)[0])
        assert math.isnan(options.letter_likelihood_accuracy(records)[0])


def test_a_written_letter_is_right_wrong_or_invalid():
    """An invalid letter counts as wrong; where none was asked for there is nothing to count."""
    records = frame(
        {"letter_response": "(B)", "chosen_letter": "B", "correct_option": "B"},
        {"letter_response": "A.", "chosen_letter": "A", "correct_option": "B"},
        {"letter_response": "who knows", "chosen_letter": "", "correct_option": "B"},
        {"correct_option": "B"},
    )
    assert options.letter_accuracy(records).tolist()[:3] == [100, 0, 0]
    assert options.letter_invalid(records).tolist()[:3] == [0, 0, 100]
    assert math.isnan(options.letter_accuracy(records)[3])
    assert math.isnan(options.letter_invalid(records)[3])


def test_probability_is_per_token():
    """Tokens of probability 1/2 and 1/8: the geometric mean is 1/4."""
    records = frame({"answer_log_probs": [math.log(1 / 2), math.log(1 / 8)]}, {})
    values = probability.answer_probability(records)
    assert values[0] == pytest.approx(1 / 4)
    assert math.isnan(values[1])


def truth(eval_set, paraphrase, *wrong):
    return {"eval_set": eval_set, "paraphrase_log_probs": paraphrase, "wrong_log_probs": list(wrong)}


def test_truth_ratio_on_every_side_of_one():
    """nll per token 1 (paraphrase), 2 and 4 (wrong): R = exp(1 - 3) = exp(-2); swapped signs give exp(2)."""
    low, high = truth("x", [-1.0, -1.0], [-2.0], [-4.0, -4.0]), truth("x", [-3.0], [-1.0], [-1.0])
    records = frame(
        *({**row, "eval_set": eval_set} for eval_set in ("forget", "test", "retain") for row in (low, high))
    )
    r = math.exp(-2)
    assert truth_ratio.raw_truth_ratio(records) == pytest.approx([r, 1 / r] * 3)
    assert truth_ratio.truth_ratio(records) == pytest.approx([r, r, r, r, 1 - r, 0])


def test_truth_ratio_of_extremes_and_of_nothing():
    """A ratio that vanishes or overflows is neither NaN nor an error; a missing one is NaN."""
    records = frame(truth("forget", [-1e4], [-1.0]), truth("forget", [-1.0], [-1e4]), truth("forget", [-1.0]))
    values = truth_ratio.truth_ratio(records).tolist()
    assert values[:2] == [0, 0]
    assert math.isnan(values[2])


YES, NO = True, False


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ((YES, YES, YES, YES), 1.0),
        ((YES, NO, YES, YES), 0.5),  # k = 2 of 4
        ((NO, YES, YES, YES), 0.75),  # k = 1 of 4
        ((YES, YES, YES, NO), 0.0),  # k = L
        ((NO, NO), 0.0),
    ],
)
def test_extraction_strength_by_hand(hits, expected):
    """The end token, always given last and here always right, must not save a model that knows nothing."""
    records = frame({"answer_is_argmax": [*hits, YES]})
    assert memorization.extraction_strength(records).tolist() == [expected]


def test_exact_memorization_is_the_share_of_right_tokens():
    records = frame({"answer_is_argmax": [YES, NO, YES, YES, NO]}, {})
    values = memorization.exact_memorization(records)
    assert values[0] == 0.75
    assert math.isnan(values[1])
    assert math.isnan(memorization.extraction_strength(records)[1])


def test_the_log_probability_of_each_part_is_the_mean_over_its_tokens():
    """Two echoed tokens of -6 and -2, a template token of -1, a value of -3 and -5, an end of -9."""
    log_probs = [-6.0, -2.0, -1.0, -3.0, -5.0, -9.0]
    parts = ["echo", "echo", "template", "value", "value", "end"]
    records = frame(
        {"answer_log_probs": log_probs, "answer_parts": parts},
        {"answer_log_probs": [-1.0, -2.0], "answer_parts": ["template", "end"]},
        {"answer_log_probs": [-1.0, -2.0], "answer_parts": []},  # not known what they do
        {},
    )
    unknown = math.nan
    np.testing.assert_equal(ECHO_LOG_PROB.compute(records), [-4.0, unknown, unknown, unknown])
    np.testing.assert_equal(VALUE_LOG_PROB.compute(records), [-4.0, unknown, unknown, unknown])
    np.testing.assert_equal(TEMPLATE_LOG_PROB.compute(records), [-1.0, -1.0, unknown, unknown])


def test_where_no_option_is_possible_none_is_preferred():
    """In a model whose weights overflowed the first of equals would be right by luck."""
    assert options.likeliest_options([-math.inf] * 4, [1] * 4, "ABCD") == []
    assert options.likeliest_options([-math.inf, -1.0], [1, 1], "AB") == ["B"]
