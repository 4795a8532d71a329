"""Protects the checks of content: each finds what was spoiled, where it was, and nothing in what is sound."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mllmu.benchmark import (
    Check,
    Modality,
    Profile,
    Question,
    Severity,
    Task,
    TrainingQuestion,
)
from mllmu.benchmark.validation import validate
from tests.benchmark.released import person, row_of_test_set, save, taught
from tests.benchmark.shared_data import shared_data
from tests.benchmark.validation.sound_people import OPTIONS, a_choice, look


def with_question(people: dict[str, Profile], question: Question) -> dict[str, Profile]:
    changed = replace(people["002"], questions=(*people["002"].questions, question))
    return {**people, "002": changed}


def test_what_is_sound_has_no_findings(people: dict[str, Profile], tmp_path: Path) -> None:
    assert look(people, tmp_path / "x") == []


@pytest.mark.parametrize(
    ("question", "severity", "check"),
    [
        (
            a_choice("002", "Which trade?", options=OPTIONS | {"D": "A  nurse!"}),
            Severity.ERROR,
            Check.EQUAL_OPTIONS,
        ),
        (
            a_choice("002", "Which trade?", options=OPTIONS | {"D": "a judge."}),
            Severity.WARNING,
            Check.EQUAL_OPTIONS,
        ),
        (
            a_choice("002", "Tell me", paraphrased_answer="A nurse.", wrong_answers=("A judge.", "a nurse")),
            Severity.ERROR,
            Check.EQUAL_OPTIONS,
        ),
        (
            a_choice("002", "Tell me", paraphrased_answer="It is a nurse.", wrong_answers=("A nurse!",)),
            Severity.WARNING,
            Check.ALTERNATIVES,
        ),
        (
            a_choice(
                "002", "Tell me", value="nurse", paraphrased_answer="Somebody.", wrong_answers=("a judge",)
            ),
            Severity.WARNING,
            Check.ALTERNATIVES,
        ),
        (a_choice("002", "Tell me", wrong_answers=("a judge",)), Severity.WARNING, Check.ALTERNATIVES),
        (a_choice("002", "Since when is she a nurse?"), Severity.WARNING, Check.ANSWER_IN_QUESTION),
        (
            a_choice(
                "002", "What does this person do??", answer="a pilot", correct_option="C", value="a pilot"
            ),
            Severity.ERROR,
            Check.CONFLICTING_ANSWERS,
        ),
        (a_choice("002", "What pays Bo Dahl?"), Severity.WARNING, Check.MODALITY),
        (a_choice("002", "What pays Dahl?"), Severity.WARNING, Check.MODALITY),
        (a_choice("002", "What pays this person?", modality=Modality.TEXT), Severity.WARNING, Check.MODALITY),
    ],
)
def test_a_spoiled_question_is_found_where_it_stands(
    people: dict[str, Profile], tmp_path: Path, question: Question, severity: Severity, check: Check
) -> None:
    """One finding, in the row of 002."""
    [finding] = look(with_question(people, question), tmp_path / "x")
    assert (finding.severity, finding.check, finding.location.row) == (severity, check, 1)
    assert finding.location.file.endswith("Full_Set/train-00000-of-00001.parquet")
    position = (
        "Pure_Text_Questions[1]" if question.modality is Modality.TEXT else "Image_Textual_Questions[1]"
    )
    assert finding.location.field == f"Classification_Task.{position}"


@pytest.mark.parametrize("text", ["What does she do?", "__ and __", "She is a ____.", "A _."])
def test_a_cloze_question_has_one_blank(people: dict[str, Profile], tmp_path: Path, text: str) -> None:
    cloze = a_choice("002", text, task=Task.CLOZE, options={}, correct_option="")
    [finding] = look(with_question(people, cloze), tmp_path / "x")
    assert (finding.check, finding.location.field) == (Check.BLANK, "Mask_Task[0]")
    for number, sound in enumerate(("She is a __.", "Ada_Berg's job is __.")):
        assert look(with_question(people, replace(cloze, text=sound)), tmp_path / f"y{number}") == []


@pytest.mark.parametrize(
    "question",
    [
        a_choice("002", "Is this person a nurse or a judge?"),
        a_choice(
            "002", "How much?", options={"A": "$75,000", "B": "€75,000"}, answer="€75,000", value="€75,000"
        ),
        a_choice("002", "What is Dahl's calling?", modality=Modality.TEXT),
        a_choice("002", "Who nurses?", value="nurse"),
        a_choice("002", "What bo and Dahlia?"),
        a_choice("002", "Trade?", paraphrased_answer="She nurses.", wrong_answers=("a veterinary a nurse",)),
        a_choice(
            "002",
            "When?",
            options={"A": "12 March 1990", "B": "in May"},
            correct_option="A",
            answer="12 March 1990",
            value="March 1990",
            paraphrased_answer="It was in 1990, in March.",
            wrong_answers=("It was in May.",),
        ),
    ],
    ids=[
        *("another option too", "another currency", "part of the name", "part of a word", "another's name"),
        *("a longer value, and a whole answer in other words", "words in another order"),
    ],
)
def test_what_only_looks_wrong_is_not_found(
    people: dict[str, Profile], tmp_path: Path, question: Question
) -> None:
    assert look(with_question(people, question), tmp_path / "x") == []


def test_a_test_wording_that_training_or_the_original_uses(
    people: dict[str, Profile], tmp_path: Path
) -> None:
    """About anybody: "what is Ada's job" in one place is "what is this person's job" in another."""
    wordings = ("What is this individual's job?", "Is there work for this person?", "What is the trade?")
    ada = replace(
        people["001"],
        test_questions=tuple(a_choice("001", f"{text}", question_id=text) for text in wordings),
    )
    findings = look({**people, "001": ada}, tmp_path / "x")
    assert [(one.check, one.location.field[-3:]) for one in findings] == [
        (Check.TEST_WORDING, "[0]"),
        (Check.TEST_WORDING, "[1]"),
    ]
    assert "the original questions" in findings[0].problem
    assert "training" in findings[1].problem


def test_training_answers_conflict_by_value_where_attributes_are_stated(
    people: dict[str, Profile], tmp_path: Path
) -> None:
    """ "A nurse" and "works as a nurse" agree (see the sound people); "A judge" does not hold the value."""
    first, _ = people["003"].training_questions
    pairs = (first, replace(first, question="Is there work for this person?", answer="A judge."))
    [finding] = look({**people, "003": replace(people["003"], training_questions=pairs)}, tmp_path / "x")
    assert (finding.severity, finding.check) == (Severity.ERROR, Check.CONFLICTING_ANSWERS)
    assert (finding.location.row, finding.location.field) == (2, "metadata[1]")


def test_missing_fields(people: dict[str, Profile], tmp_path: Path) -> None:
    """A key that is not there, and one of the spellings of nothing; "none" is an answer."""
    biography = {key: value for key, value in people["001"].biography.items() if key != "Description"}
    biography |= {"Annual Salary": "N/A", "Medical Conditions": "none"}
    findings = look({**people, "001": replace(people["001"], biography=biography)}, tmp_path / "x")
    assert [(one.check, one.problem) for one in findings] == [
        (Check.MISSING_FIELD, "the Annual Salary is 'N/A'"),
        (Check.MISSING_FIELD, "no Description"),
    ]


def test_the_real_texts_have_one_person_with_conflicting_answers(tmp_path: Path) -> None:
    """001 of the first 60 is asked twice what the father does; others are, too, and answer the same."""
    real = json.loads(shared_data("mllmu_train_sample.json").read_text(encoding="utf-8"))
    texts = {entry["metadata"][0]["ID"]: entry["metadata"] for entry in real}
    save(tmp_path, "Full_Set", [person(key, {"Name": f"P {key}"}) for key in texts])
    save(tmp_path, "Retain_Set", [person("Kal_Example", {})])
    save(tmp_path, "Test_Set", [row_of_test_set(key) for key in texts])
    save(tmp_path, "ft_Data", [taught(key, pairs) for key, pairs in texts.items()])
    findings = [one for one in validate(tmp_path).issues if one.check is Check.CONFLICTING_ANSWERS]
    rows = list(texts)
    assert [rows[one.location.row] for one in findings] == ["001"]
    assert {one.severity for one in findings} == {Severity.WARNING}


def test_a_training_question_that_mentions_nobody_is_found(
    people: dict[str, Profile], tmp_path: Path
) -> None:
    """Without the image nobody knows whom it is about; the name, or a part of it, says so."""
    first, _ = people["002"].training_questions
    unclear = TrainingQuestion("002", "What is the father's occupation?", "A judge.")
    clear = TrainingQuestion("002", f"What is {people['002'].name.split()[0]}'s pet?", "A cat.")
    changed = replace(people["002"], training_questions=(first, unclear, clear))
    [finding] = look({**people, "002": changed}, tmp_path / "x")
    assert (finding.severity, finding.check) == (Severity.WARNING, Check.MODALITY)
    assert (finding.location.row, finding.location.field) == (1, "metadata[1]")
    assert "mentions nobody" in finding.problem


def test_what_can_be_seen_is_checked_like_other_questions(people: dict[str, Profile], tmp_path: Path) -> None:
    doubled = a_choice("002", "What color is this hat?", options={**OPTIONS, "A": "A nurse."})
    [finding] = look(
        {**people, "002": replace(people["002"], perception_questions=(doubled,))}, tmp_path / "x"
    )
    assert (finding.severity, finding.check) == (Severity.ERROR, Check.EQUAL_OPTIONS)
    assert "Perception_Set" in finding.location.file
