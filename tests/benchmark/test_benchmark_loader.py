"""Protects the reading of folders that others made: known irregularities, errors that name the location."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mllmu.benchmark import Check, Modality, Task, load_benchmark, load_benchmark_with_report, official_splits
from mllmu.errors import UserError
from tests.benchmark.conftest import encoded_image
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
from tests.benchmark.shared_data import shared_data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return released_folder(tmp_path / "release")


def test_a_released_folder_is_read(folder: Path) -> None:
    """Names, images, prose and splits; without our columns the value is the answer, extras are empty."""
    benchmark = load_benchmark(folder)
    assert benchmark.name == "release"
    assert [person.name for person in benchmark.profiles.values()] == ["Ada Berg", "Bo Dahl", "Cy Eng"]
    assert {key: person.name for key, person in benchmark.celebrities.items()} == {
        "Kal_Example": "Kal Example"
    }
    assert benchmark.holdout == {}
    ada = benchmark.profiles["001"]
    assert ada.image == encoded_image(1)
    assert ada.test_images == (encoded_image(7, "JPEG"),)
    assert ada.prose == "She is a nurse."
    assert (benchmark.splits[33].forget, benchmark.splits[33].retain) == (("002",), ("003", "001"))
    assert len(benchmark.fingerprint) == 64


def test_questions_get_ids_modalities_and_values(folder: Path) -> None:
    """Modality is the list or the Type, never the wording."""
    profile = load_benchmark(folder).profiles["001"]
    assert [question.question_id for question in profile.questions] == [
        "001/original/classification/image_text/0",
        "001/original/classification/image_text/1",
        "001/original/classification/text/0",
        "001/original/generation/text/0",
        "001/original/generation/image_text/0",
        "001/original/cloze/image_text/0",
    ]
    assert profile.test_questions[2].question_id == "001/test/classification/text/0"
    second = profile.questions[1]
    assert (second.task, second.modality, second.correct_option) == (
        Task.CLASSIFICATION,
        Modality.IMAGE_TEXT,
        "C",
    )
    assert second.answer == second.value == "a baker"
    cloze = profile.questions[5]
    assert (cloze.text, cloze.answer, cloze.value) == ("She lives in __.", "Oslo, Norway", "Oslo, Norway")
    assert (cloze.attribute, cloze.paraphrased_answer, cloze.wrong_answers) == ("", "", ())


def test_irregular_biographies_are_repaired_and_noted(folder: Path) -> None:
    """A trailing colon, Heights for Height, a dictionary printed by Python; values stay as they are."""
    benchmark, report = load_benchmark_with_report(folder)
    assert benchmark.profiles["002"].biography == {
        "Name": "Bo Dahl",
        "Height": "NA",
        "Parents": "a and b",
        "Fun Facts": {"pet": "z"},
    }
    assert benchmark.profiles["003"].biography["Annual Salary"] == "€62,000"
    noted = [(note.location.row, note.problem) for note in report.notes if note.location.field == "biography"]
    assert noted == [
        (1, "the key 'Name:', read as 'Name'"),
        (1, "the key 'Heights', read as 'Height'"),
        (2, "Python's quotes, read as if it were JSON"),
    ]


def test_a_pair_is_taught_once_whether_or_not_its_attribute_is_stated(tmp_path: Path) -> None:
    """One copy of the training data may say what is asked about, and another not."""
    folder = released_folder(tmp_path)
    bare, stated = pair("002", "Job?", "Nurse."), {**pair("002", "Job?", "Nurse."), "Attribute": "profession"}
    save(folder, "ft_Data", [taught("002", [bare]), taught("002", [stated, bare])])
    (only,) = load_benchmark(folder).profiles["002"].training_questions
    assert (only.question, only.answer, only.attribute) == ("Job?", "Nurse.", "profession")


def test_folders_in_other_letters_are_told_by_name(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    for config in ("Full_Set", "Test_Set", "ft_Data"):
        if (folder / config).is_dir():
            (folder / config).rename(folder / config.lower())
    with pytest.raises(UserError, match="expected the name"):
        load_benchmark(folder)


def test_control_tokens_go_from_biographies_that_python_printed(tmp_path: Path) -> None:
    folder = released_folder(tmp_path)
    first = person("001", "{'Name': 'Ada Berg', 'Fun Facts': ('likes <image> cats',)}")
    others = [person(key, {"Name": name}, int(key)) for key, name in (("002", "Bo Dahl"), ("003", "Cy Eng"))]
    save(folder, "Full_Set", [first, *others])
    assert "cats" in (biography := str(load_benchmark(folder).profiles["001"].biography))
    assert "<image>" not in biography


def test_repeated_ids_in_the_training_data_are_joined(folder: Path) -> None:
    """Conflicting answers are both kept, as the release has them; what is said twice is taught once."""
    benchmark, report = load_benchmark_with_report(folder)
    taught_pairs = [(entry.question, entry.answer) for entry in benchmark.profiles["001"].training_questions]
    assert taught_pairs == [("Name?", "Ada."), ("Job?", "Nurse."), ("Job?", "Judge.")]
    assert benchmark.profiles["003"].training_questions == ()
    noted = [note.location for note in report.notes if "ft_Data" in note.location.file]
    assert [(location.row, location.field) for location in noted] == [(2, "ID")]
    assert "003 is taught nothing" in [note.problem for note in report.notes]


def test_questions_that_cannot_be_asked_are_left_out_and_noted(folder: Path) -> None:
    """The ids of the others do not move; where only the right answer is missing, the question stays."""
    row = person("001", {"Name": "Ada Berg"})
    row["Classification_Task"] = {
        "Image_Textual_Questions": [choice("First?", "E"), choice("Second?")],
        "Pure_Text_Questions": [choice("", "B"), choice("Third?", "B")],
    }
    row["Generation_Task"] = [free("Who?", "Ada.", "Video"), free("Who?", "", "Pure_Text")]
    save(folder, "Full_Set", [row, *(person(f"00{n}", {"Name": f"P{n}"}) for n in (2, 3))])
    benchmark, report = load_benchmark_with_report(folder)
    questions = benchmark.profiles["001"].questions
    assert [question.question_id for question in questions] == [
        "001/original/classification/image_text/0",
        "001/original/classification/image_text/1",
        "001/original/classification/text/1",
        "001/original/cloze/image_text/0",
    ]
    assert [question.answerable for question in questions] == [False, True, True, True]
    assert (questions[0].correct_option, questions[0].answer) == ("E", "")
    locations = [note.location for note in report.notes]
    fields = [location.field for location in locations if "Full_Set" in location.file and location.row == 0]
    assert fields == [
        "Classification_Task.Image_Textual_Questions[0]",
        "Classification_Task.Pure_Text_Questions[0]",
        "Generation_Task[0].Type",
        "Generation_Task[1]",
    ]
    assert "'E' is not among the options" in report.notes[0].problem


def test_questions_keep_the_order_of_their_columns(folder: Path) -> None:
    """The official evaluation skips and writes by position, whatever the modality."""
    benchmark, _ = load_benchmark_with_report(folder)
    assert [
        question.question_id.removeprefix("001/original/") for question in benchmark.profiles["001"].questions
    ] == [
        "classification/image_text/0",
        "classification/image_text/1",
        "classification/text/0",
        "generation/text/0",
        "generation/image_text/0",
        "cloze/image_text/0",
    ]


def test_the_order_of_the_test_rows_is_kept_where_it_is_another(folder: Path) -> None:
    """Test images are drawn row by row."""
    assert load_benchmark(folder).test_order == ()
    save(folder, "Test_Set", [row_of_test_set("003"), row_of_test_set("001")], "train-00000-of-00002.parquet")
    save(folder, "Test_Set", [row_of_test_set("002")], "train-00001-of-00002.parquet")
    assert load_benchmark(folder).test_order == ("003", "001", "002")


def test_people_of_whom_nothing_is_known_are_left_out_and_noted(folder: Path) -> None:
    save(folder, "ft_Data", [taught("777", [pair("777", "Name?", "X.")])])
    save(folder, "Test_Set", [row_of_test_set("888")], "train-00001-of-00002.parquet")
    benchmark, report = load_benchmark_with_report(folder)
    assert set(benchmark.profiles) == {"001", "002", "003"}
    assert benchmark.profiles["003"].test_questions == ()
    noted = [(note.location.row, note.problem) for note in report.notes if note.check is Check.UNKNOWN_ID]
    assert noted == [(0, "left out: nobody has the id 888"), (0, "left out: nobody has the id 777")]
    assert "003 has no row in Test_Set" in [note.problem for note in report.notes]


def test_notes_are_logged_as_one_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_benchmark(folder)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "5 entries were repaired or left out" in caplog.text


def test_images_named_by_path_are_read_inside_the_folder_only(folder: Path) -> None:
    """A path that leaves the folder, directly or through a link, is refused."""
    (folder / "pictures").mkdir()
    (folder / "pictures" / "one.png").write_bytes(encoded_image(42))
    (folder.parent / "secret.png").write_bytes(encoded_image(66))
    (folder / "pictures" / "link.png").symlink_to(folder.parent / "secret.png")

    def with_path(path: str) -> None:
        row = person("001", {"Name": "Ada Berg"})
        row["image"] = {"bytes": None, "path": path}
        save(folder, "Full_Set", [row, *(person(f"00{n}", {"Name": f"P{n}"}) for n in (2, 3))])

    with_path("pictures/one.png")
    assert load_benchmark(folder).profiles["001"].image == encoded_image(42)
    for path in ("../secret.png", str(folder.parent / "secret.png"), "pictures/link.png", "pictures"):
        with_path(path)
        with pytest.raises(UserError, match=r"row 0, field image: no bytes, and no file"):
            load_benchmark(folder)


def test_the_published_splits_are_used_where_the_folder_has_none(tmp_path: Path) -> None:
    """500 people with the published ids."""
    ids = [f"{number:03d}" for number in range(1, 501)]
    save(tmp_path, "Full_Set", [person(key, {"Name": f"P {key}"}) for key in ids])
    save(tmp_path, "Retain_Set", [person("Kal_Example", {})])
    save(tmp_path, "Test_Set", [row_of_test_set(key) for key in ids])
    save(tmp_path, "ft_Data", [taught(key, [pair(key, "Name?", "X.")]) for key in ids])
    assert load_benchmark(tmp_path).splits == official_splits()


def test_bare_numbers_are_padded(folder: Path) -> None:
    """A file that went through a tool which read 001 as 1."""
    save(folder, "ft_Data", [{"ID": 2, "metadata": json.dumps([pair("002", "Name?", "Bo.")])}])
    assert len(load_benchmark(folder).profiles["002"].training_questions) == 1


def test_the_real_training_texts_are_read(tmp_path: Path) -> None:
    """The first 60 released people: 924 pairs, 14 to 18 each."""
    real = json.loads(shared_data("mllmu_train_sample.json").read_text(encoding="utf-8"))
    texts = {entry["metadata"][0]["ID"]: entry["metadata"] for entry in real}
    save(tmp_path, "Full_Set", [person(key, {"Name": f"P {key}"}) for key in texts])
    save(tmp_path, "Retain_Set", [person("Kal_Example", {})])
    save(tmp_path, "Test_Set", [row_of_test_set(key) for key in texts])
    save(tmp_path, "ft_Data", [taught(key, pairs) for key, pairs in texts.items()])
    benchmark = load_benchmark(tmp_path)
    counts = [len(profile.training_questions) for profile in benchmark.profiles.values()]
    assert (len(counts), sum(counts), min(counts), max(counts)) == (60, 924, 14, 18)
    assert benchmark.profiles["001"].training_questions[1].answer == "This person was born in Riga, Latvia."
