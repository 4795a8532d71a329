"""Protects the check of conflicting answers: one question in two wordings is seen, others are left alone."""

from __future__ import annotations

import pytest

from mllmu.benchmark import Benchmark, Profile, TrainingQuestion
from mllmu.benchmark.validation.answer_checks import conflicting_answers
from mllmu.benchmark.validation_issues import Location

JOB, HOME, BORN = (
    "What does this person do for a living?",
    "Where does this person live?",
    "Where was this person born?",
)
CONFLICTS = [
    (
        (JOB, "This person is a nurse."),
        ("What is this person's profession?", "This person works as a pilot."),
    ),
    (
        (HOME, "In Oslo."),
        ("What is this person's place of residence?", "This person resides in Rome, Italy."),
    ),
    ((BORN, "In Oslo."), ("What is this person's birthplace?", "This person was born in Rome.")),
    (
        ("What is the occupation of this person's father?", "He is a baker."),
        ("What position does the father of this person hold?", "This person's father is a judge."),
    ),
    (("What is this person's mother's name?", "Ada Berg."), ("What is the mother called?", "Eva Dahl.")),
    (
        ("How tall is this person?", "168 cm."),
        ("What is this person's height?", "This person is 186 cm tall."),
    ),
    (
        ("Which medical conditions does this person have?", "Asthma."),
        ("Does this person have medical conditions?", "This person has no asthma."),
    ),
    (("How much does this person earn?", "$50,000."), ("What is this person's salary?", "€50,000 a year.")),
    (
        ("What did this person study?", "Law."),
        ("Which degree does this person have?", "A degree in law and art."),
    ),
]
AGREEMENTS = [
    ((JOB, "A teacher."), ("What is this person's profession?", "This person works as a school teacher.")),
    ((JOB, "A nurse."), ("What is this person's passion outside of work?", "Chess.")),
    ((JOB, "A nurse."), ("Where does this person work?", "At a hospital.")),
    ((HOME, "In Oslo."), ("What does this person enjoy at home?", "Painting.")),
    ((HOME, "Oslo"), ("Where does this individual reside?", "This person lives in Oslo, Norway.")),
    ((HOME, "Oslo"), ("Where do this person's parents live?", "In Rome.")),
    (("What is this person's name?", "P."), ("What are the names of this person's parents?", "Ada and Bo.")),
    (("Where did this person study?", "In Oslo."), ("What did this person play in high school?", "Chess.")),
    (("Where did this person study?", "In Oslo."), ("Which degree does this person have?", "A PhD.")),
    (
        ("What is the occupation of this person's father?", "This person's father is a ceramic artist."),
        ("What does this person's father do?", "This person's father works as a ceramic artist."),
    ),
]


def warned(pairs: tuple[tuple[str, str], tuple[str, str]]) -> int:
    taught_pairs = tuple(TrainingQuestion("001", question, answer) for question, answer in pairs)
    lone = Profile("001", "Cy Eng", {}, b"", (), training_questions=taught_pairs)
    locations = {f"001/training/{number}": Location("x", 0, "y") for number in range(2)}
    return len(list(conflicting_answers(Benchmark("x", {"001": lone}, {}, {}, {}), locations)))


@pytest.mark.parametrize("pairs", CONFLICTS)
def test_differing_answers_to_one_question_in_two_wordings_are_warned_about(
    pairs: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    assert warned(pairs) == 1


@pytest.mark.parametrize("pairs", AGREEMENTS)
def test_answers_to_different_questions_or_in_more_detail_are_no_conflict(
    pairs: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    assert warned(pairs) == 0
