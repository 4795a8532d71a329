"""Protects: refusals, denials, doubt and nonsense are told from what only looks like them."""

import pytest

from mllmu.evaluation.judge.rules.number_words import with_digits
from mllmu.evaluation.judge.rules.stance import (
    hedges,
    is_gibberish,
    is_undecided,
    refuses,
    split_denied,
    takes_back,
)
from mllmu.evaluation.judge.rules.texts import distance, root, same_word, shared
from mllmu.evaluation.judge.rules.topics import split_by_topic
from mllmu.unlearning.halves.refusals import REFUSALS


@pytest.mark.parametrize(
    "said",
    [
        "I cannot say.",
        "I’m sorry, I can’t help.",
        "I don't know.",
        "As an AI, I see no people.",
        "I have no idea.",
        *REFUSALS,
    ],
)
def test_refusals(said):
    assert refuses(said)


@pytest.mark.parametrize(
    "said", ["She can't stand tea.", "He is not a baker.", "I can be sure it is tea.", "Tea."]
)
def test_no_refusals(said):
    assert not refuses(said)


@pytest.mark.parametrize(
    ("said", "affirmed", "denied"),
    [
        ("He is not a baker.", "He is", "not a baker."),
        ("He is not a baker, he is a cook.", "He is he is a cook.", "not a baker"),
        ("He never gets tired of tea.", "He never gets tired of tea.", ""),
        ("This is Min-ji No.", "This is Min-ji No.", ""),
        ("She hates tea but likes milk.", "She but likes milk.", "hates tea"),
    ],
)
def test_what_is_denied_reaches_to_the_end_of_its_clause(said, affirmed, denied):
    parts = split_denied(said)
    assert (" ".join(parts[0].split()), parts[1]) == (affirmed, denied)


@pytest.mark.parametrize("said", ["Perhaps tea.", "It might be tea.", "I think tea.", "Tea, I am not sure."])
def test_doubt(said):
    assert hedges(said)


def test_may_is_doubt_and_a_month():
    assert hedges("It may be tea.") and not hedges("born on may 14")


def test_alternatives_and_retractions():
    assert is_undecided("tea or milk") and not is_undecided("30 or so")
    assert takes_back("Tea. No, milk.") and not takes_back("No, tea.")


def test_gibberish():
    assert is_gibberish("tea tea tea tea tea tea") and is_gibberish("tea is the of and a to")
    assert not is_gibberish("She is one of the best of all") and not is_gibberish("tea tea")


def test_clauses_about_others_are_set_aside():
    about, beside = split_by_topic("She lives in Riga, but she was born in Oslo.", "birthplace")
    assert "Oslo" in about and "Riga" in beside
    assert split_by_topic("Her mother is a baker.", "father_job") == ("", "Her mother is a baker.")
    assert split_by_topic("Her mother is a baker.", "mother_job") == ("Her mother is a baker.", "")


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("seventy-five thousand", "75000"),
        ("one hundred and five", "105"),
        ("the third of may", "the 3th of may"),
        ("two million", "2000000"),
        ("one of them", "one of them"),
    ],
)
def test_number_words(said, digits):
    assert with_digits(said) == digits


def test_forms_of_a_word_agree_and_other_words_do_not():
    assert root("teaches") == root("teacher") == root("teaching")
    assert same_word("pottery", "potter") and same_word("dresden", "dresdn")
    assert not same_word("stamps", "coins") and not same_word("cat", "car")
    assert distance("kitten", "sitting") == 3
    assert shared(["locksmith"], ["lock", "smith"]) == ["locksmith"]
