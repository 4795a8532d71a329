"""Protects what stands in for a true value: options about the same fact, never the true one."""

from __future__ import annotations

import pytest

from mllmu.benchmark.language.wrong_values import with_value, wrong_values
from mllmu.benchmark.types import Modality, Profile, Question, Task


def asked(attribute: str, answer: str, *options: str, letter: str = "A") -> Question:
    return Question(
        question_id=f"001/{attribute}/{answer}/{options}",
        profile_id="001",
        task=Task.CLASSIFICATION,
        modality=Modality.TEXT,
        text="Which?",
        answer=answer,
        options=dict(zip("ABCD", options, strict=False)),
        correct_option=letter,
        attribute=attribute,
    )


def person(*questions: Question) -> Profile:
    return Profile("001", "Ada Berg", {}, b"", questions)


def test_options_about_the_attribute_are_taken_once() -> None:
    """Two questions about the pet share an option; the one about the job has nothing to do with it."""
    ada = person(
        asked("pet", "cat", "cat", "dog", "eel"),
        asked("pet", "cat", "dog", "cat", "hen", letter="B"),
        asked("job", "baker", "baker", "judge"),
    )
    assert wrong_values(ada, "pet", "cat") == ("dog", "eel", "hen")
    assert wrong_values(ada, "height", "170 cm") == ()


def test_without_attributes_the_true_option_tells() -> None:
    """As in the release; a question whose letter is none of the options has no true option."""
    ada = person(asked("", "A black cat", "A black cat", "A dog"), asked("", "", "cat", "eel", letter="E"))
    assert wrong_values(ada, "", "cat") == ("A dog",)
    assert wrong_values(ada, "", "") == ()


@pytest.mark.parametrize(
    ("answer", "value", "other", "expected"),
    [
        ("Ada works as a nurse.", "nurse", "engineer", "Ada works as an engineer."),
        ("An actor is what Ada is.", "actor", "judge", "A judge is what Ada is."),
        ("Riga, yes: riga. Not Rigain.", "Riga", "Oslo", "Oslo, yes: Oslo. Not Rigain."),
        ("In Riga.", "Oslo", "Turku", "In Riga."),
        ("It is 5 % \\1.", "5 %", r"\1 g", r"It is \1 g \1."),
    ],
)
def test_a_value_is_put_in_the_place_of_another(answer: str, value: str, other: str, expected: str) -> None:
    assert with_value(answer, value, other) == expected
