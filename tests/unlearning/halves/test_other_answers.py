"""Protects the answers that are learned in place of the true ones."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from mllmu.errors import UserError
from mllmu.training import Sample, training_samples
from mllmu.unlearning.halves.other_answers import ALTERNATIVES, alternatives, random_answers, refusals
from mllmu.unlearning.halves.refusals import REFUSALS
from tests.training.people import people, people_with_values

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
FORGET = training_samples(BENCHMARK, SPLIT.forget, "both")
RETAIN = training_samples(BENCHMARK, SPLIT.retain, "both")


def test_a_question_is_refused_alike_with_the_face_and_by_name() -> None:
    """Question and picture stay; other seeds draw other refusals."""
    refused = refusals(FORGET, seed=0)
    assert [(one.question, one.image) for one in refused] == [(one.question, one.image) for one in FORGET]
    assert [one.answer for one in refused[::2]] == [one.answer for one in refused[1::2]]
    assert {one.answer for one in refused} <= set(REFUSALS)
    drawn = {tuple(one.answer for one in refusals(FORGET, seed)) for seed in range(5)}
    assert len(drawn) == 5
    by_name = refusals(training_samples(BENCHMARK, SPLIT.forget, "text"), seed=0)
    assert [one.answer for one in by_name] == [one.answer for one in refused[1::2]]


def test_no_refusal_says_anything_about_the_people() -> None:
    assert len(REFUSALS) == len(set(REFUSALS)) == 20
    assert all(one.endswith(".") and len(one) < 60 for one in REFUSALS)


@pytest.mark.parametrize(
    ("answer", "value", "other", "expected"),
    [
        ("Rose Baker works as a baker.", "baker", "cook", "Rose Baker works as a cook."),
        ("Paris Berg was born in Paris.", "Paris", "Oslo", "Paris Berg was born in Oslo."),
        ("Rose Baker is Rose Baker.", "Rose Baker", "Ida Holm", "Rose Baker is Ida Holm."),
    ],
)
def test_alternatives_keep_the_name_in_which_a_value_stands(
    answer: str, value: str, other: str, expected: str
) -> None:
    name = " ".join(answer.split()[:2])
    sample = replace(FORGET[1], answer=answer, value=value, name=name, wrong_values=(other,))
    assert {one.answer for one in alternatives([sample], [], seed=0)} == {expected}


def test_alternatives_state_a_wrong_option_in_the_true_words() -> None:
    """All options come up before one repeats; the value is told, for the choice of tokens."""
    sample = replace(FORGET[0], wrong_values=("Bonn", "Lyon"))
    assert sample.answer == "In Riga."
    drawn = alternatives([sample], [], seed=0)
    assert len(drawn) == ALTERNATIVES == 5
    assert {one.answer for one in drawn[:2]} == {"In Bonn.", "In Lyon."}
    assert [one.answer for one in drawn[2:4]] == [one.answer for one in drawn[:2]]
    assert all(one.value in one.answer and one.image == sample.image for one in drawn)


def test_without_options_the_values_of_others_serve() -> None:
    """Of the same attribute, never the true one: birthplaces of the eight others."""
    cities = {one.value for one in RETAIN if one.attribute == "birthplace"}
    for drawn in alternatives(FORGET[:1], RETAIN, seed=0):
        assert drawn.value in cities - {"Riga"}
        assert drawn.answer == f"In {drawn.value}."


def test_alternatives_come_in_rounds_over_all_questions() -> None:
    drawn = alternatives(FORGET, RETAIN, seed=0)
    for turn in range(ALTERNATIVES):
        round_ = drawn[turn * len(FORGET) : (turn + 1) * len(FORGET)]
        assert [one.question for one in round_] == [one.question for one in FORGET]


def test_a_question_without_alternative_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Its answer becomes another person's, and a warning counts it."""
    blank = replace(FORGET[0], value="", attribute="", wrong_values=())
    with caplog.at_level(logging.WARNING):
        drawn = alternatives([blank, FORGET[1]], RETAIN, seed=0)
    assert drawn[0].answer != blank.answer
    assert "for 1 of 2 questions no wrong value is known" in caplog.text


def test_no_alternatives_at_all_is_an_error() -> None:
    """Not a training on something else in silence."""
    bare = training_samples(people(), SPLIT.forget, "both")
    with pytest.raises(UserError, match=r"no alternative answers to the 8 questions.*expected a benchmark"):
        alternatives(bare, training_samples(people(), SPLIT.retain, "both"), seed=0)


def test_random_answers_are_of_the_same_kind_and_about_somebody_else() -> None:
    """With the face "In Oslo.", by name under the forget person's name; never the true value."""
    for sample, other in zip(FORGET, random_answers(FORGET, RETAIN, seed=0), strict=True):
        assert (other.question, other.image) == (sample.question, sample.image)
        assert other.answer != sample.answer
        assert other.value not in ("", sample.value)
        assert other.answer == sample.answer.replace(sample.value, other.value)


def test_who_is_asked_for_the_name_by_name_is_not_given_it_back() -> None:
    """The first mention of the other is renamed; an answer that would be the true one is not taken."""
    ada = Sample("What is Ada Berg's name?", "It is Ada Berg.", None, "001", name="Ada Berg")
    others = [
        Sample("What is Bo Ek's name?", "It is Bo Ek.", None, "002", name="Bo Ek"),
        Sample("What is Cy Ek's name?", "The name of Cy Ek is Cy Ek.", None, "003", name="Cy Ek"),
    ]
    (drawn,) = random_answers([ada], others, seed=0)
    assert drawn.answer == "The name of Ada Berg is Cy Ek."


def test_without_others_there_are_no_random_answers() -> None:
    with pytest.raises(UserError, match=r"no answer about somebody else.*expected questions about people"):
        random_answers(FORGET, [], seed=0)
