"""Protects the layout: what is written is what the release has, and reading it gives the same benchmark."""

from __future__ import annotations

import errno
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mllmu.benchmark import (
    Benchmark,
    Modality,
    Question,
    Split,
    Task,
    load_benchmark,
    load_benchmark_with_report,
    write_benchmark,
)
from mllmu.errors import UserError
from mllmu.synthesis.population import ascii_name
from tests.benchmark.conftest import a_fictitious, some_questions, with_fingerprint

PEOPLE_COLUMNS = ["image", "ID", "biography", "question", "answer", "name"]
TASK_COLUMNS = ["Classification_Task", "Generation_Task", "Mask_Task", "question_details"]


def test_a_round_trip_gives_an_equal_benchmark(benchmark: Benchmark, tmp_path: Path) -> None:
    """Name, orders, images, extras, splits and fingerprint included; nothing is repaired."""
    benchmark = with_fingerprint(replace(benchmark, test_order=("004", "001", "005", "003", "002")))
    write_benchmark(benchmark, tmp_path / "out")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded == benchmark
    assert list(loaded.profiles) == list(benchmark.profiles)
    assert report.notes == []


@pytest.mark.parametrize("name", ["Michał Łoś", "Søren Đorđević", "Ħili Strauß", "Ayşe Işık"])
def test_a_celebrity_whose_id_is_the_name_in_ascii_is_not_noted(
    benchmark: Benchmark, tmp_path: Path, name: str
) -> None:
    """Some letters Unicode does not take apart into one of the alphabet and a mark."""
    key = ascii_name(name)
    assert len(key) >= len(name)
    asked = some_questions(key, "original")
    somebody = replace(benchmark.celebrities["Kal_Example"], profile_id=key, name=name, questions=asked)
    write_benchmark(with_fingerprint(replace(benchmark, celebrities={key: somebody})), tmp_path / "out")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded.celebrities == {key: somebody} and report.notes == []


def test_options_beyond_d_are_written(benchmark: Benchmark, tmp_path: Path) -> None:
    """In whatever set they are asked; the columns of the other sets then have their letters too."""
    more = {"E": "Oslo, Norway", "F": "Lima, Peru"}
    first = benchmark.celebrities["Kal_Example"]
    asked = [replace(one, options={**one.options, **more}) if one.options else one for one in first.questions]
    celebrities = {**benchmark.celebrities, "Kal_Example": replace(first, questions=tuple(asked))}
    wide = with_fingerprint(replace(benchmark, celebrities=celebrities))
    write_benchmark(wide, tmp_path / "out")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded == wide and report.notes == []


def test_what_can_be_seen_is_a_table_of_its_own(benchmark: Benchmark, tmp_path: Path) -> None:
    """Somebody may have no such questions; without the folder nobody has, and all else is as it was."""
    people = {key: replace(one, perception_questions=_seen(key)) for key, one in benchmark.profiles.items()}
    people["003"] = benchmark.profiles["003"]
    asked = with_fingerprint(replace(benchmark, profiles=people))
    write_benchmark(asked, tmp_path / "out")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded == asked and report.notes == []
    shutil.rmtree(tmp_path / "out" / "Perception_Set")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded == benchmark and report.notes == []


def test_a_row_about_what_can_be_seen_of_nobody_is_left_out(benchmark: Benchmark, tmp_path: Path) -> None:
    people = {**benchmark.profiles, "777": replace(a_fictitious(777), perception_questions=_seen("777"))}
    write_benchmark(replace(benchmark, profiles=people), tmp_path / "other")
    write_benchmark(benchmark, tmp_path / "out")
    shutil.copytree(tmp_path / "other" / "Perception_Set", tmp_path / "out" / "Perception_Set")
    loaded, report = load_benchmark_with_report(tmp_path / "out")
    assert loaded == benchmark
    assert ["nobody has the id 777" in str(note) for note in report.notes] == [True]


def _seen(profile_id: str) -> tuple[Question, ...]:
    made = some_questions(profile_id, "perception")
    return tuple(one for one in made if one.modality is Modality.IMAGE_TEXT and one.task is not Task.CLOZE)


def test_a_benchmark_without_celebrities_holdout_or_splits(benchmark: Benchmark, tmp_path: Path) -> None:
    """Empty populations are no special case."""
    small = with_fingerprint(replace(benchmark, celebrities={}, holdout={}, splits={}))
    write_benchmark(small, str(tmp_path / "out"))
    assert load_benchmark(str(tmp_path / "out")) == small


def test_the_files_and_columns_are_those_of_the_release(benchmark: Benchmark, tmp_path: Path) -> None:
    """REFERENCE: config folders, file names, columns and struct types; ours come on top."""
    write_benchmark(benchmark, tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")}
    single = [
        "Full_Set",
        "Retain_Set",
        "ft_Data",
        "forget_20",
        "retain_80",
        "Holdout_Set",
        "Holdout_Test_Set",
    ]
    assert files == {f"{config}/train-00000-of-00001.parquet" for config in single} | {
        "Test_Set/train-00000-of-00002.parquet",
        "Test_Set/train-00001-of-00002.parquet",
    }
    columns = {
        config: pq.read_schema(tmp_path / config / "train-00000-of-00001.parquet") for config in single
    }
    full = columns["Full_Set"]
    assert set(full.names) == {*PEOPLE_COLUMNS, "Directory", *TASK_COLUMNS}
    assert columns["Retain_Set"] == full
    assert set(columns["forget_20"].names) == {*PEOPLE_COLUMNS, *TASK_COLUMNS}
    assert columns["retain_80"] == columns["forget_20"]
    assert columns["ft_Data"].names == ["image", "ID", "metadata"]
    test = pq.read_schema(tmp_path / "Test_Set" / "train-00001-of-00002.parquet")
    assert test.names == ["ID", "images", *TASK_COLUMNS]
    options = pa.struct(dict.fromkeys("ABCD", pa.string()))
    choices = pa.list_(
        pa.struct({"Question": pa.string(), "Options": options, "Correct_Answer": pa.string()})
    )
    free = pa.list_(pa.struct(dict.fromkeys(("Question", "Ground_Truth", "Type"), pa.string())))
    lists = dict.fromkeys(("Image_Textual_Questions", "Pure_Text_Questions"), choices)
    assert full.field("image").type == pa.struct({"bytes": pa.binary(), "path": pa.string()})
    assert full.field("Classification_Task").type == pa.struct(lists)
    assert full.field("Generation_Task").type == full.field("Mask_Task").type == free
    assert full.field("biography").type == full.field("ID").type == pa.string()


def test_the_rows_are_those_of_the_release(benchmark: Benchmark, tmp_path: Path) -> None:
    """One row per person in every config, the test people over two files, metadata as a JSON string."""
    write_benchmark(benchmark, tmp_path)
    full = pq.read_table(tmp_path / "Full_Set").to_pylist()
    assert [row["ID"] for row in full] == ["001", "002", "003", "004", "005"]
    assert full[0]["image"] == {"bytes": benchmark.profiles["001"].image, "path": "001.png"}
    assert json.loads(full[0]["biography"])["Name"] == "Amélie Nr. 1"
    assert full[0]["Mask_Task"] == [
        {"Question": "The cat is called __.", "Ground_Truth": "Žanna", "Type": "Pure_Text"}
    ]
    choices = full[0]["Classification_Task"]
    assert [len(choices[name]) for name in ("Image_Textual_Questions", "Pure_Text_Questions")] == [2, 1]
    assert choices["Pure_Text_Questions"][0]["Correct_Answer"] == "B"
    sizes = [
        pq.read_metadata(tmp_path / "Test_Set" / f"train-0000{index}-of-00002.parquet").num_rows
        for index in range(2)
    ]
    assert sizes == [3, 2]
    taught = json.loads(pq.read_table(tmp_path / "ft_Data").to_pylist()[0]["metadata"])
    assert taught[1] == {"ID": "001", "Question": "Is there a pet?", "Answer": "A cat — named Žanna."}
    assert pq.read_table(tmp_path / "forget_20")["ID"].to_pylist() == ["004"]


def test_datasets_loads_every_config(
    benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card and the features let ``datasets`` show pictures where there are pictures."""
    datasets = pytest.importorskip("datasets")
    folder = str(write_benchmark(benchmark, tmp_path / "out"))
    cache = str(tmp_path / "cache")
    people = datasets.load_dataset(folder, "Full_Set", split="train", cache_dir=cache)
    assert people.num_rows == 5
    assert people[0]["image"].size == (8, 6)
    tests = datasets.load_dataset(folder, "Test_Set", split="train", cache_dir=cache)
    assert [image.size for image in tests[4]["images"]] == [(8, 6), (8, 6)]
    assert set(datasets.get_dataset_config_names(folder)) >= {"Full_Set", "forget_20", "retain_80", "ft_Data"}


@pytest.mark.parametrize("made_up", [True, False])
def test_the_card_says_that_people_do_not_exist_only_where_that_is_known(
    benchmark: Benchmark, tmp_path: Path, made_up: bool
) -> None:
    stated = replace(benchmark, celebrities_are_fictitious=made_up)
    text = (write_benchmark(stated, tmp_path) / "README.md").read_text(encoding="utf-8")
    assert ("do not exist" in text) is made_up
    assert ("not recorded that the others are fictitious" in text) is not made_up


def test_the_same_benchmark_gives_the_same_bytes(benchmark: Benchmark, tmp_path: Path) -> None:
    folders = [write_benchmark(benchmark, tmp_path / name) for name in ("one", "two")]
    contents = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in folders
    ]
    assert contents[0] == contents[1]


def test_a_split_of_unknown_people_is_not_half_written(benchmark: Benchmark, tmp_path: Path) -> None:
    """A failure in the middle leaves nothing behind, whatever it is."""
    broken = replace(benchmark, splits={20: Split(20, ("999",), ("001",))})
    with pytest.raises(KeyError):
        write_benchmark(broken, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third file does not fit."""
    written: list[object] = []

    def write_batch(self: object, batch: object) -> None:
        written.append(batch)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", write_batch)
    with pytest.raises(UserError, match=r"disk is full.*out"):
        write_benchmark(benchmark, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_overwritten(benchmark: Benchmark, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="already holds files"):
        write_benchmark(benchmark, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
