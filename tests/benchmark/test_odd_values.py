"""Protects: values that a table may hold but a benchmark cannot are told of, and never end in a traceback."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mllmu.benchmark import load_benchmark, load_benchmark_with_report
from mllmu.benchmark.load_report import CollectingReport
from mllmu.errors import UserError
from tests.benchmark.released import choice, free, pair, person, released_folder, save, taught


def people_with(**first: object) -> list[dict[str, object]]:
    people = [person(f"00{number}", {"Name": f"Ada {number}"}, number) for number in (1, 2, 3)]
    return [{**people[0], **first}, *people[1:]]


def load(folder: Path):  # type: ignore[no-untyped-def]
    benchmark, report = load_benchmark_with_report(folder, CollectingReport())
    return benchmark.profiles["001"], [str(note) for note in report.notes]


def test_a_number_too_large_for_a_float_is_read_as_a_text(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "ft_Data", [taught("001", [pair("001", "How many?", 10**400)])])  # type: ignore[arg-type]
    assert load(folder)[0].training_questions[0].answer == "1" + "0" * 400


def test_half_a_character_in_an_attribute_is_taken_out(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "ft_Data", [taught("001", [{**pair("001", "Who?", "Ada."), "Attribute": "a\ud800"}])])
    assert load(folder)[0].training_questions[0].attribute == "a"


@pytest.mark.parametrize("depth", [60, 300, 5000])
def test_a_biography_nested_too_deep_is_reported(tmp_path: Path, depth: int) -> None:
    folder = released_folder(tmp_path)
    nested = '{"Name": "Ada", "Parents": ' + "[" * depth + "]" * depth + "}"
    save(folder, "Full_Set", people_with(biography=nested))
    person_read, notes = load(folder)
    assert person_read.biography == {} and any("field biography" in note for note in notes)


def test_dates_in_a_biography_are_read_as_texts_and_bytes_refused(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    rows = people_with()
    for row, value in zip(rows, (date(1990, 2, 3), date(1991, 2, 3), date(1992, 2, 3)), strict=True):
        row["biography"] = {"Name": "Ada", "Date of Birth": value}
    save(folder, "Full_Set", rows)
    person_read, notes = load(folder)
    assert person_read.biography["Date of Birth"] == "1990-02-03"
    assert any("the date 1990-02-03, read as a text" in note for note in notes)
    for row in rows:
        row["biography"] = {"Name": "Ada", "Photo": b"x"}
    save(folder, "Full_Set", rows)
    assert any("field biography: bytes; expected" in note for note in load(folder)[1])


def test_a_struct_has_nothing_under_the_spellings_of_other_rows(tmp_path: Path) -> None:
    """Parquet gives all rows all keys."""
    folder, rows = released_folder(tmp_path), people_with()
    spellings = ({"Name": "Ada", "Height": "1.70 m"}, {"Name:": "Bo", "Heights": "1.80 m"}, {"Name": "Cy"})
    for row, biography in zip(rows, spellings, strict=True):
        row["biography"] = biography
    save(folder, "Full_Set", rows)
    people = load_benchmark(folder).profiles
    assert [people[key].name for key in ("001", "002", "003")] == ["Ada", "Bo", "Cy"]
    assert people["002"].biography == {"Name": "Bo", "Height": "1.80 m"}
    assert people["003"].biography == {"Name": "Cy"}


@pytest.mark.parametrize(
    "biography",
    [
        '{"Name": "Ada", "Born": "Riga", "Born": "Oslo"}',
        '{"Name": "Ada", "Parents": {"Born": "Riga", "Born": "Oslo"}}',
        '{"Name": "Ada\nMiller", "Born": "Riga", "Born": "Oslo"}',
        "{'Name': 'Ada', 'Born': 'Riga', 'Born': 'Oslo'}",
    ],
)
def test_a_biography_that_says_two_things_of_one_key_is_refused(tmp_path: Path, biography: str) -> None:
    folder = released_folder(tmp_path)
    save(folder, "Full_Set", people_with(biography=biography))
    told = (
        "Full_Set.*row 0, field biography: the key 'Born' stands twice in one object; expected every key once"
    )
    with pytest.raises(UserError, match=told):
        load_benchmark(folder)
    person_read, notes = load(folder)
    assert person_read.biography == {} and any(re.search(told, note) for note in notes)


def test_a_training_question_with_two_answers_is_refused(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    metadata = '[{"ID": "001", "Question": "Who?", "Answer": "Ada.", "Answer": "Bo."}]'
    save(folder, "ft_Data", [{"ID": "001", "metadata": metadata}])
    with pytest.raises(UserError, match=r"ft_Data.*row 0, field metadata: the key 'Answer' stands twice"):
        load_benchmark(folder)


def test_keys_that_are_equal_without_control_signs_are_told_of(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "Full_Set", people_with(biography=json.dumps({"Name": "Ada", "Name<s>": "Bo"})))
    person_read, notes = load(folder)
    assert person_read.biography == {"Name": "Ada"}
    assert any("left out: without <s> there is the key 'Name' twice" in note for note in notes)


def test_a_question_whose_letters_are_equal_without_control_signs_is_left_out(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    odd = {**choice("Where?", "A<s>"), "Options": {"A<s>": "here", "A": "there"}}
    tasks = {"Image_Textual_Questions": [odd], "Pure_Text_Questions": []}
    save(folder, "Full_Set", people_with(Classification_Task=tasks))
    person_read, notes = load(folder)
    assert "Where?" not in [question.text for question in person_read.questions]
    assert any("Image_Textual_Questions[0]: left out" in note for note in notes)


def with_options(folder: Path, options: dict[str, object]) -> Path:
    entry = {**choice("Where?", "A"), "Options": options}
    asked = {"Image_Textual_Questions": [entry], "Pure_Text_Questions": []}
    save(released_folder(folder), "Full_Set", people_with(Classification_Task=asked))
    return folder


def test_a_blank_option_is_told_of(tmp_path: Path) -> None:
    options = {"A": "Riga", "B": " ", "C": "Oslo", "D": None}
    person_read, notes = load(with_options(tmp_path, options))
    assert person_read.questions[0].options == {"A": "Riga", "C": "Oslo"}
    blank = "Image_Textual_Questions[0].Options.B: left out: a blank option"
    assert [blank in note for note in notes if "Options" in note] == [True]


def test_an_option_that_is_null_before_others_is_told_of(tmp_path: Path) -> None:
    """Only after the last one is a letter unused: with fewer options the right one is easier to guess."""
    options = {"A": None, "B": "Riga", "C": "Oslo", "D": None, "a": None}
    _, notes = load(with_options(tmp_path, options))
    told = [note for note in notes if "Options" in note]
    assert len(told) == 1 and "Options.A: left out: an option that is null" in told[0]


def test_a_question_with_a_single_option_is_none(tmp_path: Path) -> None:
    """Whatever a model says of it could never be wrong."""
    person_read, notes = load(with_options(tmp_path, {"A": "Riga", "B": "", "C": "\u200b", "D": None}))
    assert "Where?" not in [question.text for question in person_read.questions]
    assert any("Image_Textual_Questions[0]: left out: a single option" in note for note in notes)


CLOZE = {"task": "cloze"}


@pytest.mark.parametrize(
    ("value", "errors"), [("A NURSE", 0), ("", 0), ("nurse", 0), ("a pilot", 1), ("Oslo", 1)]
)
def test_a_value_of_another_question_is_told_of(tmp_path: Path, value: str, errors: int) -> None:
    """Details are matched by position, and a table may be sorted without them."""
    detail = {"task": "classification", "value": value}
    notes = notes_on_details(tmp_path, choice("What?"), detail, CLOZE)
    assert ["question_details[0].value" in note for note in notes] == [True] * errors


@pytest.mark.parametrize(("value", "errors"), [("oslo", 0), ("Riga", 1)])
def test_a_value_is_a_part_of_a_free_answer(tmp_path: Path, value: str, errors: int) -> None:
    detail = {**CLOZE, "value": value}
    assert len(notes_on_details(tmp_path, choice("What?"), {"task": "classification"}, detail)) == errors


def test_a_value_that_is_another_option_is_told_of(tmp_path: Path) -> None:
    """Though it stands in the true one."""
    entry = {**choice("What?"), "Options": {"A": "a nurse and a pilot", "B": "a pilot"}}
    detail = {"task": "classification", "value": "a pilot"}
    assert len(notes_on_details(tmp_path, entry, detail, CLOZE)) == 1


def test_a_blank_wrong_answer_is_told_of(tmp_path: Path) -> None:
    """It would be the most likely answer of all, for it is nothing but the end."""
    detail = {**CLOZE, "value": "Oslo", "wrong_answers": ["Riga", " ", ""]}
    notes = notes_on_details(tmp_path, choice("What?"), {"task": "classification"}, detail)
    blank = [note for note in notes if "left out: a blank wrong answer" in note]
    assert [f"wrong_answers[{number}]" in note for number, note in enumerate(blank, 1)] == [True, True]
    *_, cloze = load(tmp_path)[0].questions
    assert cloze.wrong_answers == ("Riga",)


def test_a_wrong_answer_of_control_signs_alone_is_told_of(tmp_path: Path) -> None:
    detail = {**CLOZE, "value": "Oslo", "wrong_answers": ["Riga", "</s>", "Rome<s>"]}
    notes_on_details(tmp_path, choice("What?"), {"task": "classification"}, detail)
    person_read, notes = load(tmp_path)
    assert [note for note in notes if "left out: a wrong answer of </s> alone" in note]
    *_, cloze = person_read.questions
    assert cloze.wrong_answers == ("Riga", "Rome")


@pytest.mark.parametrize(("written", "read"), [("Withheld", "withheld"), ("SEEN ", "seen"), ("new", "")])
def test_a_wording_of_other_kinds_is_told_of(tmp_path: Path, written: str, read: str) -> None:
    """Or its questions would leave the set of withheld wordings without a word."""
    detail = {**CLOZE, "value": "Oslo", "wording": written}
    notes = notes_on_details(tmp_path, choice("What?"), {"task": "classification"}, detail)
    assert any(".wording: " in note for note in notes)
    *_, cloze = load(tmp_path)[0].questions
    assert cloze.wording == read


def test_a_pair_that_stands_twice_in_a_row_is_taught_once(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "ft_Data", [taught("001", [pair("001", "Job?", "Nurse.")] * 2)])
    person_read, notes = load(folder)
    assert len(person_read.training_questions) == 1
    assert any("metadata[1]: 'Job?' with the answer 'Nurse.' stands twice" in note for note in notes)


def test_a_name_of_control_signs_alone_is_none(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "Full_Set", [{**row, "name": "</s>"} for row in people_with()])
    assert load(folder)[0].name == "Ada 1"


def test_an_attribute_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    pairs = [{**pair("001", "Job?", "Nurse."), "Attribute": value} for value in (5, ["x"])]
    pairs[1]["Question"] = "Home?"
    save(folder, "ft_Data", [taught("001", pairs)])
    person_read, notes = load(folder)
    assert [one.attribute for one in person_read.training_questions] == ["5", ""]
    assert [note for note in notes if "metadata[0].Attribute" in note and "read as a text" in note]
    assert [note for note in notes if "metadata[1].Attribute" in note and "left out" in note]


def test_a_picture_may_be_plain_bytes(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    rows = people_with()
    expected = rows[0]["image"]["bytes"]  # type: ignore[index]
    save(folder, "Full_Set", [{**row, "image": row["image"]["bytes"]} for row in rows])  # type: ignore[index]
    assert load(folder)[0].image == expected


def test_a_name_that_is_not_the_biographys_is_told_of(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    save(folder, "Full_Set", [{**row, "name": "  Ada 1 "} for row in people_with()])
    save(folder, "Retain_Set", [{**person("501", {"Name": "x"}, 4), "name": "Kal Example"}])
    person_read, notes = load(folder)
    assert person_read.name == "Ada 1"
    assert len([note for note in notes if "field name: the name 'Ada 1' is used" in note]) == 2
    assert not [note for note in notes if "Kal Example" in note], "an id of figures is no name"
    save(folder, "Full_Set", [{**row, "name": f"ADÁ {n}."} for n, row in enumerate(people_with(), 1)])
    assert not [note for note in load(folder)[1] if "field name" in note], "spelled otherwise"


def test_a_split_that_does_not_hold_what_it_says_is_told_of(tmp_path: Path) -> None:
    """Neither an empty file of whom to retain nor another share than the name's goes unnoticed."""
    folder = released_folder(tmp_path)
    table = pq.read_table(folder / "retain_67")
    pq.write_table(table.slice(0, 0), folder / "retain_67" / "train-00000-of-00001.parquet")
    assert [note for note in load(folder)[1] if "the file ends without 001, 003" in note]
    save(folder, "forget_33", [{"ID": one} for one in ("001", "002")])
    (folder / "forget_33").rename(folder / "forget_5")
    (folder / "retain_67").rename(folder / "retain_95")
    assert [note for note in load(folder)[1] if "2 of 3 people, named after 5 % of them" in note]


def notes_on_details(folder: Path, entry: dict[str, object], *details: dict[str, object]) -> list[str]:
    """What is told of the details of a question with options and of a cloze, about the first person."""
    asked = {
        "Classification_Task": {"Image_Textual_Questions": [entry], "Pure_Text_Questions": []},
        "Generation_Task": [],
        "Mask_Task": [free("She lives in __.", "Oslo, Norway")],
        "question_details": [{"modality": "image_text", **detail} for detail in details],
    }
    save(released_folder(folder), "Full_Set", people_with(**asked))
    return [note for note in load(folder)[1] if "question_details[" in note]
