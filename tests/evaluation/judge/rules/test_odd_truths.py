"""Protects the rule judge where the truth is that there is none, or the question has words like a value."""

import pytest

from mllmu.evaluation.judge.rules.rule_judge import judge_by_rules
from mllmu.evaluation.judge.verdicts import AnswerPair

PET = ("What pet does Mei have?", "Mei has no pets.", "No pets", "pet")
ILL = ("What medical conditions does Mei have?", "There are none.", "None", "medical_conditions")
NO_GLASSES = ("Is this person wearing glasses?", "No, there are none.", "not wearing glasses", "glasses")
GLASSES = ("Is this person wearing glasses?", "Yes, there are.", "is wearing glasses", "glasses")
NO_BEARD = ("What facial hair does this person have?", "There is none.", "no facial hair", "beard")
BEARD = ("What facial hair does this person have?", "There is a beard.", "has a beard", "beard")
GENDER = ("Is this person male or female?", "I would say this person is female.", "", "gender")
BORN = ("When was Mei born?", "Mei was born on May 14, 1988.", "1988-05-14", "date_of_birth")
FATHER = ("What is the name of Mei Chen's father?", "It is Wei Chen.", "Wei Chen", "father_name")


def score(truth: tuple[str, str, str, str], said: str) -> int:
    question, answer, value, attribute = truth
    return judge_by_rules(AnswerPair(question, answer, value, said, attribute)).score


@pytest.mark.parametrize(
    ("truth", "said", "expected"),
    [
        (PET, "She does not own any pets.", 10),
        (PET, "She has always lived without pets.", 10),
        (PET, "She has never had one.", 10),
        (PET, "She has a dog named Rex, not a cat.", 3),
        (PET, "She has a cat that never leaves the house.", 3),
        (ILL, "She is in good health and has no conditions.", 10),
        (ILL, "She has been healthy all her life.", 10),
        (ILL, "She has asthma and can't run.", 3),
        (ILL, "She suffers from diabetes, but is not on insulin.", 3),
        (ILL, "She has asthma but is otherwise healthy.", 3),
    ],
)
def test_that_there_is_nothing(truth: tuple[str, str, str, str], said: str, expected: int) -> None:
    """A word of denial may be about something else than what is named."""
    assert score(truth, said) == expected


@pytest.mark.parametrize(
    ("truth", "said", "expected"),
    [
        (NO_GLASSES, "No, this person is not wearing glasses.", 10),
        (NO_GLASSES, "No.", 10),
        (NO_GLASSES, "Yes, this person is wearing glasses.", 3),
        (GLASSES, "Yes.", 10),
        (GLASSES, "No, this person is not wearing glasses.", 3),
        (GLASSES, "Paris", 2),
        (NO_BEARD, "This person has no facial hair.", 10),
        (NO_BEARD, "This person is clean-shaven.", 10),
        (NO_BEARD, "This person has a full beard.", 3),
        (BEARD, "This person has a full beard.", 10),
        (BEARD, "A moustache.", 5),
        (BEARD, "None.", 3),
    ],
)
def test_what_can_be_seen_or_not(truth: tuple[str, str, str, str], said: str, expected: int) -> None:
    assert score(truth, said) == expected


@pytest.mark.parametrize(
    ("truth", "said", "expected"),
    [
        (GENDER, "I would say this person is female.", 10),
        (GENDER, "Female.", 10),
        (GENDER, "Male.", 2),
        (BORN, "14 May, 1988", 10),
        (BORN, "She was born on the 14th of May, 1988.", 10),
        (BORN, "She may have been born on May 14, 1988.", 8),
        (FATHER, "Mei Chen's father is a doctor.", 2),
        (FATHER, "Mei Chen's father is Liu Wang.", 3),
        (FATHER, "Mei Chen's father is Wei Chen.", 10),
        (FATHER, "Wei.", 7),
    ],
)
def test_words_of_the_question_and_months(truth: tuple[str, str, str, str], said: str, expected: int) -> None:
    """They neither are the value, nor doubt about it."""
    assert score(truth, said) == expected


def test_the_true_answer_word_for_word_is_right_whatever_it_says() -> None:
    truth = "It is not said to be anything but odd."
    assert score(("What is it?", truth, "", ""), truth.removesuffix(".")) == 10
