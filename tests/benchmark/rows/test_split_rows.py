"""Protects: a folder's splits are read whichever way they are named, or refused, and never passed over."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mllmu.benchmark import (
    Benchmark,
    Check,
    Split,
    load_benchmark,
    load_benchmark_with_report,
    write_benchmark,
)
from mllmu.benchmark.hub import BENCHMARK_CONFIGS, TRAINING_SPLIT_CONFIGS
from mllmu.benchmark.load_report import CollectingReport
from mllmu.benchmark.types import Profile
from mllmu.errors import UserError
from tests.benchmark.released import released_folder, save


def with_names(folder: Path, forget: str, retain: str) -> Path:
    released_folder(folder)
    (folder / "forget_33").rename(folder / forget)
    (folder / "retain_67").rename(folder / retain)
    return folder


@pytest.mark.parametrize(
    ("forget", "retain"),
    [
        ("forget_033", "retain_067"),
        ("forget33", "retain67"),
        ("forget-33", "retain-67"),
        ("Forget_33", "Retain_67"),
        ("FORGET 33", "RETAIN67pct"),
        ("forget_33%", "retain_67_percent"),
    ],
)
def test_a_split_is_read_whichever_way_it_is_named_and_the_name_is_noted(
    tmp_path: Path, forget: str, retain: str
) -> None:
    """The same people as under the usual names, in the same order, with one note per folder."""
    usual = load_benchmark(released_folder(tmp_path / "usual"))
    benchmark, report = load_benchmark_with_report(with_names(tmp_path / "other", forget, retain))
    assert benchmark.splits == usual.splits == {33: Split(33, ("002",), ("003", "001"))}
    notes = [
        note.problem for note in report.notes if note.check is Check.SPELLING and "folder" in note.problem
    ]
    assert notes == [
        f"the folder {forget}, read as forget_33",
        f"the folder {retain}, read as retain_67",
    ]


@pytest.mark.parametrize(
    "name",
    ["forget_0", "forget_00", "forget_100", "forget_5.5", "forget_all", "Forget", "retain_", "retain_0"],
)
def test_a_split_whose_ratio_is_not_understood_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, name, [{"ID": "001"}])
    with pytest.raises(UserError, match=f"{name} looks like a split .*from 1 to 99"):
        load_benchmark(folder)


def test_a_file_in_place_of_a_split_is_refused_by_name(tmp_path: Path) -> None:
    """A table is one; a text about the splits is not."""
    folder = released_folder(tmp_path / "release")
    (folder / "forgetting.md").write_text("About the splits.")
    assert list(load_benchmark(folder).splits) == [33]
    (folder / "forget_5.json").write_text("[]")
    with pytest.raises(UserError, match=r"forget_5\.json looks like a split"):
        load_benchmark(folder)


def test_two_folders_of_one_split_are_refused(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, "Forget-33", [{"ID": "001"}])
    with pytest.raises(UserError, match=r"forget_33 and .*Forget-33 are both forget_33"):
        load_benchmark(folder)


def test_a_retain_set_without_its_forget_set_is_refused(tmp_path: Path) -> None:
    folder = released_folder(tmp_path / "release")
    save(folder, "retain_95", [{"ID": "001"}])
    with pytest.raises(UserError, match="retain_95 has no forget_5 beside it"):
        load_benchmark(folder)


@pytest.mark.parametrize(("ids", "who"), [([], "nobody"), (["001", "002", "003"], "everybody")])
def test_forgetting_nobody_or_everybody_is_an_error(tmp_path: Path, ids: list[str], who: str) -> None:
    """Loading ends; validation names the folder and goes on without the split."""
    folder = released_folder(tmp_path / "release")
    rows: list[dict[str, object]] = [{"ID": profile_id} for profile_id in ids]
    file = save(folder, "forget_5", rows or [{"ID": "001"}])
    if not rows:
        pq.write_table(pq.read_table(file).slice(0, 0), file)
    with pytest.raises(UserError, match=f"forget_5, field ID: forget ratio 5 forgets {who}"):
        load_benchmark(folder)
    benchmark, report = load_benchmark_with_report(folder, CollectingReport())
    assert list(benchmark.splits) == [33]
    assert [note for note in report.notes if note.check is Check.SPLIT and who in note.problem]


@pytest.mark.parametrize("forget", [(), ("001",)])
def test_a_split_of_nobody_or_everybody_is_not_written(tmp_path: Path, forget: tuple[str, ...]) -> None:
    person = Profile("001", "Ada Berg", {}, b"", ())
    retain = () if forget else ("001",)
    benchmark = Benchmark("x", {"001": person}, {}, {}, {5: Split(5, forget, retain)})
    with pytest.raises(UserError, match=r"forgets (nobody|everybody)"):
        write_benchmark(benchmark, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["forget_5", "forget05", "Forget-5", "FORGET_5"])
def test_the_hub_is_asked_for_splits_whichever_way_they_are_named(name: str) -> None:
    """Otherwise nothing of them would arrive here, to be understood or refused."""
    assert any(fnmatchcase(name, pattern) for pattern in BENCHMARK_CONFIGS)
    assert any(fnmatchcase(name.replace("orget", "ORGET"), pattern) for pattern in TRAINING_SPLIT_CONFIGS)
