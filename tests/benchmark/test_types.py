"""Protects against tracebacks: whatever kind of value stands in a field, it is refused in words or noted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from mllmu.benchmark import load_benchmark_with_report
from mllmu.benchmark.load_report import CollectingReport
from mllmu.errors import UserError
from tests.benchmark.released import pair, person, released_folder, row_of_test_set, save, taught

VALUES = [None, 7, True, ["x"], {"z": {"w": 2}}, "x\0y", b"\xff"]


def put(container: object, path: str, value: object) -> None:
    """Set a field in all entries of lists on the way, since a Parquet column has one type."""
    head, _, rest = path.partition(".")
    for entry in container if isinstance(container, list) else [container]:
        if rest:
            put(entry[head], rest, value)
        else:
            entry[head] = value


CLASSIFICATION = ("Classification_Task", "Classification_Task.Image_Textual_Questions")
CHOICE = tuple(
    f"Classification_Task.Pure_Text_Questions.{key}"
    for key in ("Question", "Options", "Options.B", "Correct_Answer")
)
FREE_FORM = tuple(
    f"{column}{key}"
    for column in ("Generation_Task", "Mask_Task")
    for key in ("", ".Question", ".Ground_Truth", ".Type")
)
DETAILS = tuple(
    f"question_details{key}" for key in ("", ".question_id", ".task", ".value", ".wrong_answers", ".wording")
)
TASKS = (*CLASSIFICATION, *CHOICE, *FREE_FORM, *DETAILS)
PERSON = ("image", "image.bytes", "image.path", "ID", "biography", "question", "answer", "name", *TASKS)
TEST = ("ID", "images", "images.bytes", "images.path", *TASKS)


def details() -> list[dict[str, object]]:
    kinds = [("classification", "image_text")] * 2 + [("classification", "text")]
    kinds += [("generation", "text"), ("generation", "image_text"), ("cloze", "image_text")]
    texts = {"attribute": "", "value": "v", "paraphrased_answer": "", "wording": ""}
    return [
        {"question_id": f"{number}", "task": task, "modality": modality, "wrong_answers": ["w"], **texts}
        for number, (task, modality) in enumerate(kinds)
    ]


def read(folder: Path) -> None:
    """Both ways of loading; a sentence is as good as a note."""
    try:
        load_benchmark_with_report(folder)
    except UserError as error:
        assert len(str(error)) > 20
    try:
        load_benchmark_with_report(folder, CollectingReport())
    except UserError as error:  # a file as a whole, e.g. with a column of ids that is none
        assert len(str(error)) > 20


def spoil(config: str, row: Callable[[], dict[str, object]], path: str, folder: Path) -> None:
    for value in VALUES:
        entry = row()
        put(entry, path, value)
        try:
            save(folder, config, [entry])
        except pa.ArrowException:
            continue  # no Parquet file can be so
        read(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released_folder(tmp_path_factory.mktemp("types") / "release")


@pytest.mark.parametrize("path", PERSON)
def test_people(folder: Path, path: str) -> None:
    spoil(
        "Full_Set",
        lambda: {**person("001", {"Name": "Ada"}), "name": "Ada", "question_details": details()},
        path,
        folder,
    )


@pytest.mark.parametrize("path", TEST)
def test_test_rows(folder: Path, path: str) -> None:
    released_folder(folder)
    spoil("Test_Set", lambda: {**row_of_test_set("001"), "question_details": details()}, path, folder)


@pytest.mark.parametrize("value", [*VALUES, "[" * 100_000, "{'a': " * 10_000, '{"Name": NaN}', "{1: {2}}"])
def test_biographies_and_metadata(folder: Path, value: object) -> None:
    """Also nested deeper than Python reads, and literals that are no JSON."""
    released_folder(folder)
    for config, row, column in (
        ("Full_Set", person("001", {"Name": "Ada"}), "biography"),
        ("ft_Data", taught("001", []), "metadata"),
    ):
        try:
            save(folder, config, [{**row, column: value}])
        except pa.ArrowException:
            continue
        read(folder)


@pytest.mark.parametrize("value", VALUES[:-1])
@pytest.mark.parametrize("key", ["ID", "Question", "Answer", "Attribute"])
def test_entries_of_metadata(folder: Path, key: str, value: object) -> None:
    released_folder(folder)
    save(folder, "ft_Data", [taught("001", [{**pair("001", "Name?", "Ada."), key: value}, value])])  # type: ignore[list-item]
    read(folder)


@pytest.mark.parametrize("config", ["forget_33", "retain_67", "ft_Data", "Test_Set"])
@pytest.mark.parametrize("value", VALUES)
def test_ids(folder: Path, config: str, value: object) -> None:
    released_folder(folder)
    rows = {"ft_Data": taught("001", []), "Test_Set": row_of_test_set("001")}
    save(folder, config, [{**rows.get(config, {}), "ID": value}])
    read(folder)
