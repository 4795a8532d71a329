"""Protects the promise that nothing half-written is ever left, and that nobody's files are overwritten."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from mllmu.errors import UserError
from mllmu.files import atomic_file, atomic_folder, require_new_folder, sweep


def test_a_file_appears_only_when_complete(tmp_path: Path) -> None:
    """The old content stays until the new one is complete; the temporary name has the same suffix."""
    target = tmp_path / "deep" / "records.parquet"
    target.parent.mkdir()
    target.write_text("old")
    with atomic_file(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert (temporary.parent, temporary.suffix) == (target.parent, ".parquet")
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_appears_only_when_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "stage"
    with atomic_folder(target) as temporary:
        (temporary / "weights").write_text("x")
        assert not target.exists()
    assert (target / "weights").read_text() == "x"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt(), ValueError("broken"), OSError(errno.EIO, "I/O error")]
)
def test_any_failure_leaves_nothing(tmp_path: Path, failure: BaseException) -> None:
    """Interrupts and errors pass through unchanged."""
    for context in (atomic_file(tmp_path / "file"), atomic_folder(tmp_path / "folder")):
        with pytest.raises(type(failure)), context as temporary:
            target = temporary / "part" if temporary.is_dir() else temporary
            target.write_text("half")
            raise failure
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_one_sentence_that_names_the_path(tmp_path: Path, failure: Exception) -> None:
    """Also where a library has wrapped the system's error (the last is what safetensors says)."""
    for context, name in ((atomic_file(tmp_path / "file"), "file"), (atomic_folder(tmp_path / "run"), "run")):
        with pytest.raises(UserError, match=f"disk is full.*{name}"), context as temporary:
            (temporary / "part" if temporary.is_dir() else temporary).write_text("half")
            raise failure
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_inside_an_unfinished_folder_is_told_by_the_final_name(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError) as told,
        atomic_folder(tmp_path / "run") as unfinished,
        atomic_file(unfinished / "table.parquet"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert f"{tmp_path / 'run' / 'table.parquet'} could not be written" in str(told.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_really_full_device(tmp_path: Path) -> None:
    """The error as the system raises it, and as torch words it, which has no error of the system in it."""
    with pytest.raises(UserError, match="disk is full"), atomic_file(tmp_path / "file"):
        Path("/dev/full").write_text("x" * 100_000)
    with pytest.raises(UserError, match="disk is full"), atomic_folder(tmp_path / "folder"):
        torch.save({"weights": torch.zeros(1000)}, "/dev/full")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_never_replaced(tmp_path: Path) -> None:
    """An empty folder may be; a file in the way may not."""
    (tmp_path / "empty").mkdir()
    with atomic_folder(tmp_path / "empty") as temporary:
        (temporary / "mine").write_text("x")
    with pytest.raises(UserError, match="already holds files"), atomic_folder(tmp_path / "empty"):
        pass
    with pytest.raises(UserError, match="is a file"), atomic_folder(tmp_path / "empty" / "mine"):
        pass
    with pytest.raises(UserError, match="is a folder"), atomic_file(tmp_path / "empty"):
        pass
    with (
        pytest.raises(UserError, match="could not be written"),
        atomic_file(tmp_path / "empty" / "mine" / "x"),
    ):
        pass
    assert (tmp_path / "empty" / "mine").read_text() == "x"


@pytest.mark.parametrize("kind", ["current", "link", "mount"])
def test_an_empty_folder_that_has_to_stay_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The current one, what a link leads to, and a mount point, which the system lets nobody replace."""
    target = tmp_path / "real"
    target.mkdir()
    monkeypatch.chdir(target if kind == "current" else tmp_path)
    if kind == "link":
        (tmp_path / "link").symlink_to(target)
    if kind == "mount":
        monkeypatch.setattr("mllmu.files.os.replace", _refuse_as_busy)
    inode = target.stat().st_ino
    with atomic_folder({"current": ".", "link": "link", "mount": "real"}[kind]) as temporary:
        (temporary / "below").mkdir()
        (temporary / "below" / "weights").write_text("x")
    assert (target / "below" / "weights").read_text() == "x"
    assert kind == "link" or target.stat().st_ino == inode
    assert {path.name for path in tmp_path.iterdir()} == {"real", *(["link"] if kind == "link" else [])}


def test_finished_work_stays_where_it_cannot_be_moved(tmp_path: Path) -> None:
    """Here because another filled the folder meanwhile."""
    with (
        pytest.raises(UserError, match=r"run could not be written: .*; what it was to hold is in .*-run"),
        atomic_folder(tmp_path / "run") as temporary,
    ):
        (temporary / "weights").write_text("x")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "other").write_text("y")
    assert (temporary / "weights").read_text() == "x"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["other"]


def _refuse_as_busy(*_: object) -> None:
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    """A process that is killed removes nothing, so that both stay under their temporary names."""
    killed = atomic_file(tmp_path / "scores.json"), atomic_folder(tmp_path / "model")  # held, or they end
    for one in killed:
        unfinished = one.__enter__()
        (unfinished / "half" if unfinished.is_dir() else unfinished).write_text("half")
    (tmp_path / "scores.json").write_text("whole")
    assert len(list(tmp_path.iterdir())) == 3
    sweep(tmp_path, "model")
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]
    sweep(tmp_path / "nowhere")


@pytest.mark.parametrize("deeper", ["people", "a/b/people"])
def test_a_path_through_a_file_is_told_before_anything_long(tmp_path: Path, deeper: str) -> None:
    (tmp_path / "afile").touch()
    with pytest.raises(UserError, match=r"afile is a file; expected a folder\.$"):
        require_new_folder(tmp_path / "afile" / deeper)


def test_where_nothing_can_be_made_is_told_before_anything_long(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be written"):
        require_new_folder(Path("/proc/people"))
    require_new_folder(tmp_path / "a" / "people")
    assert not list(tmp_path.iterdir())
