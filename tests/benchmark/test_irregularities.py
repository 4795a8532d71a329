"""Protects: nothing is dropped in silence. A folder with everything irregular, note by note."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mllmu.benchmark import Check, Severity, ValidationIssue, load_benchmark, load_benchmark_with_report
from mllmu.benchmark.load_report import CollectingReport
from mllmu.errors import UserError
from tests.benchmark.released import (
    choice,
    free,
    pair,
    person,
    released_folder,
    row_of_test_set,
    save,
    taught,
)

Note = tuple[str, int, str, str]


def irregular_folder(folder: Path) -> Path:
    """All that the release is known for: spellings, kinds of values, ids, options, files, data beside it."""
    first = person("001", {"Name:": "Ada Berg", "Heights": "NA", "Height": "5'6\"", "Parents": "a and b"})
    first["Classification_Task"] = {
        "Image_Textual_Questions": [choice("Where?", "E"), choice("", "A")],
        "Pure_Text_Questions": [choice("Who?", "")],
    }
    first["Generation_Task"] = [free("Who is she?", "", "Pure_Text"), free("Who?", "Ada.", "Video")]
    second = person("002", '{"Name": "Bo Dahl", "Fun Facts": {"pet": "z"}, "Description": "two\nlines"}', 2)
    third = person("003", "{'Name': 'Cy Eng', 'Annual Salary': 'N/A', 'Fun Facts': ['y']}", 3)
    save(folder, "Full_Set", [first, second, third, person("004", {"Name": "Di Falk", "Fun Facts": "x"}, 4)])
    save(folder, "Retain_Set", [person("Kal_Example", {"Name": "stage name"}, 5)])
    halves = (
        [row_of_test_set("003"), row_of_test_set("001")],
        [row_of_test_set("888"), row_of_test_set("002")],
    )
    for number, rows in enumerate(halves):
        save(folder, "Test_Set", rows, f"train-0000{number}-of-00002.parquet")
    save(
        folder,
        "ft_Data",
        [
            taught("001", [pair("001", "Name?", "Ada."), pair("1", "Job?", "Nurse.")]),
            taught("002", [pair("003", "Name?", "Bo."), pair("002", "", "Nobody asked.")]),
            taught("001", [pair("001", "Name?", "Ada."), pair("001", "Job?", "Judge.")]),
            taught("777", [pair("777", "Name?", "X.")]),
        ],
    )
    save(folder, "forget_25", [{"ID": "002"}, {"ID": "002"}])
    save(folder, "retain_75", [{"ID": "003"}, {"ID": "001"}])
    beside = folder.parent / "baseline_train_split"
    save(beside, "forget_25", [taught("003", [pair("003", "Name?", "Cy.")])])
    save(
        beside,
        "retain_75",
        [taught("001", [pair("001", "Name?", "Ada."), pair("001", "Pet?", "A cat.")]), taught("004", [])],
    )
    return folder


ERRORS: list[Note] = [
    ("Full_Set", 0, "biography", "left out: the key 'Height' repeats 'Height'"),
    (
        "Full_Set",
        0,
        "Classification_Task.Image_Textual_Questions[0]",
        "asked by the official protocol only: the correct answer 'E' is not among the options",
    ),
    ("Full_Set", 0, "Classification_Task.Image_Textual_Questions[1]", "left out: no wording"),
    ("Full_Set", 0, "Classification_Task.Pure_Text_Questions[0]", "left out: no correct answer"),
    ("Full_Set", 0, "Generation_Task[0]", "left out: no answer"),
    ("Full_Set", 0, "Generation_Task[1].Type", "left out: the type 'Video'"),
    ("Test_Set", 0, "ID", "left out: nobody has the id 888"),
    ("Full_Set", 3, "ID", "004 has no row in Test_Set"),
    (
        "retain_75",
        1,
        "ID",
        "the file ends without 004, counted as retained because not in forget_25",
    ),
    ("ft_Data", 1, "metadata[1]", "left out: no question or no answer"),
    ("ft_Data", 3, "ID", "left out: nobody has the id 777"),
    ("Full_Set", 3, "ID", "004 is taught nothing"),
]
WARNINGS: list[Note] = [
    ("Full_Set", 0, "biography", "the key 'Name:', read as 'Name'"),
    ("Full_Set", 0, "biography", "the key 'Heights', read as 'Height'"),
    ("Full_Set", 1, "biography", "line breaks in texts, read as if it were JSON"),
    ("Full_Set", 2, "biography", "Python's quotes, read as if it were JSON"),
    ("forget_25", 1, "ID", "the id 002 is repeated, and counted once"),
    ("ft_Data", 0, "metadata[1]", "names the id '1'; the row's id 001 is used"),
    ("ft_Data", 1, "metadata[0]", "names the id '003'; the row's id 002 is used"),
    ("ft_Data", 2, "ID", "the id 001 is repeated; 1 of 2 questions are new"),
    ("forget_25", 0, "ID", "003, whom the benchmark does not have in forget_25"),
    ("forget_25", 0, "ID", "ft_Data has nothing about 003; taken from here: 1 questions"),
    ("forget_25", 0, "ID", "the file ends without 002"),
    ("retain_75", 0, "metadata[1]", "'Pet?' with the answer 'A cat.', which ft_Data does not have"),
    ("retain_75", 0, "metadata", "2 questions of ft_Data are missing, the first 'Job?'"),
    ("retain_75", 1, "ID", "ft_Data has nothing about 004; taken from here: 0 questions"),
    ("retain_75", 1, "ID", "the file ends without 003"),
]


def as_notes(findings: list[ValidationIssue], severity: Severity) -> list[Note]:
    return [
        (Path(one.location.file).parent.name, one.location.row, one.location.field, one.problem)
        for one in findings
        if one.severity is severity
    ]


def test_everything_irregular_is_noted_where_it_stands(tmp_path: Path) -> None:
    """Every note and no other, in the order of reading."""
    _, report = load_benchmark_with_report(irregular_folder(tmp_path / "release"))
    assert as_notes(report.notes, Severity.ERROR) == ERRORS
    assert as_notes(report.notes, Severity.WARNING) == WARNINGS


def test_a_text_of_blanks_alone_is_none(tmp_path: Path) -> None:
    """A blank answer would be contained in whatever is written."""
    folder = irregular_folder(tmp_path / "release")
    first = person("001", {"Name": "Ada Berg"})
    first["Mask_Task"] = [free("She is __.", " \u00a0\u200b", "Pure_Text"), free(" ", "Ada.", "Pure_Text")]
    save(folder, "Full_Set", [first])
    _, report = load_benchmark_with_report(folder, CollectingReport())
    notes = as_notes(report.notes, Severity.ERROR)
    assert ("Full_Set", 0, "Mask_Task[0]", "left out: no answer") in notes
    assert ("Full_Set", 0, "Mask_Task[1]", "left out: no wording") in notes


def test_what_is_irregular_is_used_as_far_as_it_can_be(tmp_path: Path) -> None:
    """Values stay as they are, forget decides, and who is not in ft_Data is taught from beside the folder."""
    benchmark = load_benchmark(irregular_folder(tmp_path / "release"))
    people = benchmark.profiles
    assert people["001"].biography == {"Name": "Ada Berg", "Height": "NA", "Parents": "a and b"}
    assert people["002"].biography["Description"] == "two\nlines"
    assert people["003"].biography["Fun Facts"] == ["y"]
    assert [len(one.training_questions) for one in people.values()] == [3, 1, 1, 0]
    assert (benchmark.splits[25].forget, benchmark.splits[25].retain) == (("002",), ("003", "001", "004"))
    assert benchmark.test_order == ("003", "001", "002")
    assert benchmark.celebrities["Kal_Example"].name == "Kal Example"
    assert [question.answerable for question in people["001"].questions] == [False, True]


def test_training_data_of_other_people_beside_the_folder_is_left_alone(tmp_path: Path) -> None:
    """Generated people have the ids of the released ones, and may lie next to what those are taught."""
    folder = released_folder(tmp_path / "release")
    alone = load_benchmark(folder)
    beside = tmp_path / "baseline_train_split"
    save(beside, "forget_33", [taught("002", [pair("002", "Name?", "Eva.")])])
    save(beside, "retain_67", [taught("003", [pair("003", "Name?", "Cy.")])])
    benchmark, report = load_benchmark_with_report(folder)
    assert benchmark == alone
    [note] = [note for note in report.notes if note.check is Check.TRAINING_SPLIT]
    assert "about other people" in note.problem


@pytest.mark.parametrize("config", ["ft_Data", "forget_33"])
def test_other_images_beside_what_is_taught_are_told(config: str, tmp_path: Path) -> None:
    """Everybody is taught with the image of Full_Set, whatever lies there."""
    folder = released_folder(tmp_path / "release")
    root = folder if config == "ft_Data" else tmp_path / "baseline_train_split"
    rows = [taught(one, [pair(one, "Name?", "Ada.")]) for one in ("001", "002", "003")]
    save(folder, "ft_Data", rows)
    save(root, config, rows)
    assert Check.IMAGE not in [note.check for note in load_benchmark_with_report(folder)[1].notes]
    save(root, config, [rows[0], *({**row, "image": rows[0]["image"]} for row in rows[1:])])
    benchmark, report = load_benchmark_with_report(folder)
    [note] = [note for note in report.notes if note.check is Check.IMAGE]
    assert (Path(note.location.file).parent.name, note.location.row) == (config, 1)
    assert (
        "images of 2 people, the first of them 002, are not byte for byte those of Full_Set" in note.problem
    )
    assert len({one.image for one in benchmark.profiles.values()}) == 3


@pytest.mark.parametrize(
    ("written", "noted"), [(1, True), (1.0, True), ("001", False)], ids=["number", "decimal", "text"]
)
def test_ids_that_a_tool_took_for_numbers_are_padded(tmp_path: Path, written: object, noted: bool) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, "ft_Data", [{"ID": written, "metadata": json.dumps([pair("001", "Name?", "Ada.")])}])
    benchmark, report = load_benchmark_with_report(folder)
    assert len(benchmark.profiles["001"].training_questions) == 1
    spelled = [note for note in report.notes if note.check is Check.SPELLING and note.location.field == "ID"]
    assert bool(spelled) == noted


def test_a_repeated_question_id_is_refused(tmp_path: Path) -> None:
    """Records are told apart by these ids."""
    folder = released_folder(tmp_path / "release")
    path = folder / "Full_Set" / "train-00000-of-00001.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        row.update(
            Classification_Task={"Image_Textual_Questions": [choice("Where?")], "Pure_Text_Questions": []},
            Generation_Task=[],
            Mask_Task=[],
            question_details=[
                {"question_id": "the same", "task": "classification", "modality": "image_text"}
            ],
        )
    save(folder, "Full_Set", rows)
    with pytest.raises(UserError, match="the question id the same is also that of"):
        load_benchmark(folder)


def test_a_patient_report_goes_on_after_what_cannot_be_used(tmp_path: Path) -> None:
    """An image, a biography and an id in three rows: three findings, and the other parts of the rows."""
    folder = released_folder(tmp_path / "release")
    path = folder / "Full_Set" / "train-00000-of-00001.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[0]["image"] = {"bytes": b"no image", "path": None}
    rows[1]["biography"] = "once upon a time"
    rows.append({**rows[2]})
    save(folder, "Full_Set", rows)
    benchmark, report = load_benchmark_with_report(folder, CollectingReport())
    assert set(benchmark.profiles) == {"001", "002", "003"}
    assert (benchmark.profiles["001"].image, len(benchmark.profiles["001"].questions)) == (b"", 6)
    errors = [(note.location.row, note.check) for note in report.notes if note.severity is Severity.ERROR]
    assert errors[:4] == [
        (0, Check.IMAGE),
        (1, Check.WRONG_TYPE),
        (1, Check.MISSING_FIELD),
        (3, Check.DUPLICATE_ID),
    ]
