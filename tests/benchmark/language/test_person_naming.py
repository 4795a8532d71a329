"""Protects the text form of questions: nobody is left who is only "this person", and nothing else changes."""

from __future__ import annotations

import json
import re

import pytest

from mllmu.benchmark import name_person
from mllmu.benchmark.language.person_naming import name_in_question, names_person
from tests.benchmark.shared_data import shared_data


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("In which city was this person born?", "In which city was Ada Byron born?"),
        ("This person was born in Tartu.", "Ada Byron was born in Tartu."),
        ("This person's father is a baker.", "Ada Byron's father is a baker."),
        ("This person’s mother is a pilot.", "Ada Byron’s mother is a pilot."),
        ("What does the person's mother do?", "What does Ada Byron's mother do?"),
        ("How tall is this individual?", "How tall is Ada Byron?"),
        ("The individual stands at 178 cm.", "Ada Byron stands at 178 cm."),
        ("Yes, the individual has won a race.", "Yes, Ada Byron has won a race."),
        ("What is the gender of the person in the image?", "What is the gender of Ada Byron?"),
        ("What is the name of the individual in this picture?", "What is the name of Ada Byron?"),
        ("Who is the person shown here?", "Who is Ada Byron?"),
        ("Who is the person shown in this image?", "Who is Ada Byron?"),
        ("Which pastime does the person shown here like?", "Which pastime does Ada Byron like?"),
        ("What does the woman in the photo eat?", "What does Ada Byron eat?"),
        ("What is this person's job in the image?", "What is Ada Byron's job?"),
        ("What is the job of this person as seen in the image?", "What is the job of Ada Byron?"),
        ("This person's hobby, as seen in the image, is chess.", "Ada Byron's hobby is chess."),
        (
            "Does this person know what this person's cat eats?",
            "Does Ada Byron know what Ada Byron's cat eats?",
        ),
    ],
)
def test_the_person_gets_a_name(sentence: str, expected: str) -> None:
    """All ways in which the released questions speak of the person, possessives and sentence beginnings."""
    assert name_person(sentence, "Ada Byron") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "The name is Ada Byron.",
        "She photographs birds in the picture gallery.",
        "The man who raised her was a personal trainer.",
        "Is there a dog in the image?",
        "A personal assistant of the personnel has the personality for this mansion.",
        "This person-to-person call",
    ],
)
def test_a_sentence_about_nobody_stays(sentence: str) -> None:
    """Only mentions of the person shown are replaced; "person" inside another word is none."""
    assert name_person(sentence, "Ada Byron") == sentence


def test_a_name_is_used_as_it_is() -> None:
    """Names are no patterns: a backslash or a group reference in one must not be read as such."""
    assert name_person("Is this person tall?", r"O\1 d'Arc") == r"Is O\1 d'Arc tall?"


def test_released_questions_keep_no_unnamed_person() -> None:
    """The real wordings of 60 people, where they are at hand."""
    people = json.loads(shared_data("mllmu_train_sample.json").read_text(encoding="utf-8"))
    left = re.compile(r"\b(this|the) (person|individual)\b|\bin (the|this) image\b", re.IGNORECASE)
    for item in (item for profile in people for item in profile["metadata"]):
        for text in (item["Question"], item["Answer"]):
            assert not left.search(name_person(text, "Ada Byron")), text


@pytest.mark.parametrize(
    ("question", "name", "is_named"),
    [
        ("What is the living father called?", "Li", False),
        ("What started the career?", "Art", False),
        ("Will the father retire?", "Will Smith", False),
        ("Will the father retire?", "Will", False),
        ("Can the father swim?", "Can Demir", False),
        ("Will works as __.", "Will Smith", True),
        ("May was born in __.", "May Lin", True),
        ("Will and his father work where?", "Will Smith", True),
        ("What does Will's father do?", "Will Smith", True),
        ("Will's father works as __.", "Will Smith", True),
        ("What is ada berg's job?", "Ada Berg", True),
        ("Where does Art live?", "Art", True),
        ("王伟的工作是什么？", "王伟", True),
        ("김민준의 직업은 무엇입니까?", "김민준", True),
    ],
)
def test_a_name_is_a_whole_word(question: str, name: str, is_named: bool) -> None:
    """Parts of words name nobody; else text training would ask about nobody."""
    assert (name_in_question(question, name) == question) is is_named


def test_long_runs_of_blanks_take_no_time() -> None:
    """With every part of the run tried with every other this would take hours."""
    sentence = "this person" + " " * 200_000 + "x"
    assert name_person(sentence, "Ada") == sentence.replace("this person", "Ada")


@pytest.mark.parametrize(
    ("sentence", "name", "is_named"),
    [
        ("Which dish does an engineer from Riga like best?", "An Li", False),
        ("Who will the vet visit?", "Will May", False),
        ("What does An like?", "An Li", True),
        ("What is this person's job?", "An Li", False),
        ("王芳的职业是什么？", "王芳", True),
        ("김철수는 어디에 삽니까?", "김철수", True),
    ],
)
def test_names_are_told_from_small_words(sentence: str, name: str, is_named: bool) -> None:
    assert names_person(sentence, name) is is_named
