"""Protects the guessers: they find what gives an answer away, and nothing in what is generated does."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mllmu.benchmark.types import Modality, Profile, Question, Task

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from guess_options import Asked, guessers_for, number_in, rightness
from option_models import trained_scores


def _asked(person: str, options: tuple[str, str, str, str], letter: str, attribute: str = "height") -> Asked:
    by_letter = dict(zip("ABCD", options, strict=True))
    question = Question(
        question_id=f"{person}/{attribute}/{letter}",
        profile_id=person,
        task=Task.CLASSIFICATION,
        modality=Modality.TEXT,
        text="How tall is she?",
        answer=by_letter[letter],
        options=by_letter,
        correct_option=letter,
        value=by_letter[letter],
        attribute=attribute,
    )
    return Asked(question, Profile(person, f"Person {person}", {}, b"", (question,)))


def _right(name: str, everything: list[Asked]) -> list[float]:
    guess = guessers_for(everything)[name]
    return [rightness(asked, guess(asked)) for asked in everything]


@pytest.mark.parametrize(
    ("guesser", "options", "letter"),
    [
        ("longest", ("a", "bb", "cccc", "ddd"), "C"),
        ("letter D", ("a", "b", "c", "d"), "D"),
        ("number of rank 2", ("170 cm", "181 cm", "165 cm", "190 cm"), "A"),
        ("like the name", ("x", "Person 1's", "y", "z"), "B"),
        ("like the question", ("x", "y", "tall", "z"), "C"),
        ("unlike other options", ("red cat", "red dog", "red hen", "fish"), "D"),
    ],
)
def test_what_gives_an_answer_away_is_found(guesser, options, letter):
    assert _right(guesser, [_asked("1", options, letter)]) == [1.0]


def test_what_all_options_share_is_found():
    """Two questions about one fact with fresh wrong values have only the true one in common."""
    one, two = _asked("1", ("x", "a", "b", "c"), "A"), _asked("1", ("d", "x", "e", "f"), "B")
    assert _right("offered in all questions about it", [one, two]) == [1.0, 1.0]
    same = _asked("1", ("a", "x", "c", "b"), "B")
    assert _right("offered in all questions about it", [one, same]) == [0.25, 0.25]


def test_ties_are_guessed():
    assert _right("longest", [_asked("1", ("aa", "bb", "c", "d"), "A")]) == [0.5]


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("May 14, 1988", "June 2, 1988"),
        ("5 feet", "5 feet 1 inch"),
        ("5 feet 11 inches", "6 feet"),
        ("$58,000", "$120,000"),
    ],
)
def test_numbers_are_ordered(smaller, larger):
    assert number_in(smaller) < number_in(larger)
    assert number_in("a nurse") is None


def test_a_trained_model_learns_what_is_true_of_others():
    """The common value is the true one of everybody: others' questions tell it."""
    rows = [
        ("pet", dict(zip("ABCD", ("cat", "dog", "hen", f"owl {n}"), strict=True)), "B", ()) for n in range(40)
    ]
    scores = trained_scores(rows, [str(number) for number in range(40)], seed=0)
    assert all(max(one, key=lambda letter: one[letter]) == "B" for one in scores)


def test_the_name_is_only_seen_where_it_is_said():
    asked = _asked("1", ("a", "b", "c", "d"), "A")
    assert asked.name == "Person 1"
    assert replace(asked, question=replace(asked.question, modality=Modality.IMAGE_TEXT)).name == ""
