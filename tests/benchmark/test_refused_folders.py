"""Protects: what is wrong with a folder is named by file, row and field, with what was expected."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mllmu.benchmark import load_benchmark
from mllmu.errors import UserError
from tests.benchmark.released import free, person, released_folder, save
from tests.benchmark.test_images import png_that_claims


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return released_folder(tmp_path / "release")


def _without_config(folder: Path) -> None:
    shutil.rmtree(folder / "Retain_Set")


def _without_shard(folder: Path) -> None:
    (folder / "Test_Set" / "train-00000-of-00002.parquet").unlink()


def _with_copy(folder: Path) -> None:
    path = folder / "Full_Set" / "train-00000-of-00001.parquet"
    shutil.copy(path, path.with_name("copy.parquet"))


def _of_two_uploads(folder: Path) -> None:
    path = folder / "Test_Set" / "train-00000-of-00002.parquet"
    shutil.copy(path, path.with_name("train-00000-of-00001.parquet"))


def _cut_file(folder: Path) -> None:
    path = folder / "ft_Data" / "train-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def _text_file(folder: Path) -> None:
    (folder / "forget_33" / "train-00000-of-00001.parquet").write_text("not found")


def _without_column(folder: Path) -> None:
    path = folder / "Full_Set" / "train-00000-of-00001.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["Mask_Task"]), path)


def _with_row(**columns: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "Full_Set" / "train-00000-of-00001.parquet"
        rows = pq.read_table(path).to_pylist()
        rows[1].update(columns)
        save(folder, "Full_Set", rows)

    return change


def _stranger_in_split(folder: Path) -> None:
    save(folder, "forget_33", [{"ID": "999"}])


def _both_sides(folder: Path) -> None:
    save(folder, "forget_33", [{"ID": "001"}])


def _celebrity_of_full_set(folder: Path) -> None:
    save(folder, "Retain_Set", [person("001", {"Name": "x"}, 4)])


def _metadata(text: str) -> Callable[[Path], None]:
    return lambda folder: (save(folder, "ft_Data", [{"ID": "002", "metadata": text}]), None)[1]


def _in_capitals(folder: Path) -> None:
    (folder / "Full_Set" / "more.PARQUET").write_bytes(b"")


def _as_lines(folder: Path) -> None:
    (folder / "Retain_Set" / "more.jsonl").write_text("{}")


def _deeper(folder: Path) -> None:
    (folder / "Test_Set" / "more").mkdir()
    file = next((folder / "Test_Set").glob("*.parquet"))
    (folder / "Test_Set" / "more" / "part.parquet").write_bytes(file.read_bytes())


def _spelled_otherwise(folder: Path) -> None:
    (folder / "Holdout_set").mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_in_capitals, r"Full_Set holds more.PARQUET beside train-00000-of-00001.parquet"),
        (_as_lines, r"more.jsonl would not be read; expected Parquet files only, right in .*Retain_Set"),
        (_deeper, r"part.parquet would not be read; expected Parquet files only, right in .*Test_Set"),
        (_spelled_otherwise, r"Holdout_set would be passed over; expected the name Holdout_Set"),
        (
            _with_row(Mask_Task=[free("x" * 100_001, "Oslo")]),
            r"Mask_Task\[0\].Question: a text of 100,001 char",
        ),
        (_with_row(name="</s>", biography='{"Name": "<s>\\u200b"}'), r"row 1, field biography: no name"),
        (_without_config, r"Retain_Set has no Parquet file; expected train-00000-of-00001.parquet"),
        (_without_shard, r"Test_Set.train-00000-of-00002.parquet is missing"),
        (
            _with_copy,
            r"Full_Set holds copy.parquet beside train-00000-of-00001.parquet; .* one series",
        ),
        (_of_two_uploads, r"Test_Set holds train-0000\d-of-0000\d.parquet beside .*; expected .* one series"),
        (_cut_file, r"ft_Data.train-00000-of-00001.parquet is damaged or no Parquet file"),
        (_text_file, r"forget_33.train-00000-of-00001.parquet is damaged or no Parquet file"),
        (_without_column, r"Full_Set.train-00000-of-00001.parquet has no column Mask_Task"),
        (
            _with_row(image={"bytes": b"no image", "path": None}),
            r"row 1, field image: the image does not decode",
        ),
        (_with_row(image={"bytes": None, "path": None}), r"row 1, field image: the image is missing"),
        (
            _with_row(image={"bytes": png_that_claims(9000, 9000), "path": None}),
            r"row 1, field image: the image has more than 50 megapixels",
        ),
        (_with_row(ID="001"), r"row 1, field ID: the id 001 is repeated"),
        (_with_row(ID=None), r"row 1, field ID: the id is missing"),
        (_with_row(biography="once upon a time"), r"row 1, field biography: not a JSON object"),
        (_with_row(biography="{}"), r"row 1, field biography: no name"),
        (_metadata("{]"), r"ft_Data.*row 0, field metadata: not JSON"),
        (_metadata('{"ID": 1}'), r"ft_Data.*row 0, field metadata: an object; expected a JSON list"),
        (
            _stranger_in_split,
            r"forget_33.*row 0, field ID: nobody has the id 999; expected an id of Full_Set",
        ),
        (
            _celebrity_of_full_set,
            r"Retain_Set.*row 0, field ID: the id 001 is also that of somebody in another",
        ),
        (_both_sides, r"retain_67.*row 1, field ID: 001 is also in forget_33"),
    ],
)
def test_what_cannot_be_used_is_named(folder: Path, damage: Callable[[Path], None], message: str) -> None:
    """File, row, field and what was expected."""
    damage(folder)
    with pytest.raises(UserError, match=message):
        load_benchmark(folder)


def test_a_flipped_byte_in_the_data_is_found(folder: Path) -> None:
    """Our files carry page checksums, so that damage does not become somebody's answer."""
    from mllmu.benchmark import Benchmark, write_benchmark
    from tests.benchmark.conftest import a_fictitious, with_fingerprint

    people = {"001": a_fictitious(1), "002": a_fictitious(2)}
    target = write_benchmark(with_fingerprint(Benchmark("x", people, {}, {}, {})), folder.parent / "ours")
    path = target / "ft_Data" / "train-00000-of-00001.parquet"
    data = bytearray(path.read_bytes())
    position = data.index(b"Where was this person born?")
    data[position] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match=r"ft_Data.*is damaged"):
        load_benchmark(target)


def test_a_source_that_is_neither_folder_nor_hub_id(tmp_path: Path) -> None:
    for source in (str(tmp_path / "nowhere"), "./nowhere", "nowhere", "../a/b"):
        with pytest.raises(UserError, match="is no folder; expected a benchmark folder"):
            load_benchmark(source)
