"""Protects: in a folder one process writes at a time, and only runs of one recipe share it."""

import threading

import pytest

from mllmu.errors import UserError
from mllmu.study.pipeline.execution import leases
from mllmu.study.pipeline.execution.folder_lock import joined, locked


def test_second_run_is_turned_away_and_the_folder_is_free_afterwards(tmp_path):
    with locked(tmp_path), pytest.raises(UserError, match="another mllmu is working"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / ".lease-folder").mkdir()
    with pytest.raises(UserError, match="could not be written"), locked(tmp_path):
        pass


def test_a_folder_is_made_and_a_file_in_its_place_is_told(tmp_path):
    with locked(tmp_path / "new" / "folder"):
        assert (tmp_path / "new" / "folder").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file could not be written"), locked(tmp_path / "file"):
        pass


def test_who_waits_gets_the_folder_when_it_is_free(tmp_path):
    order = []

    def wait():
        with locked(tmp_path, waits=True):
            order.append("second")

    with locked(tmp_path):
        second = threading.Thread(target=wait)
        second.start()
        second.join(timeout=0.3)
        order.append("first")
    second.join(timeout=10)
    assert order == ["first", "second"]


def test_runs_of_one_recipe_share_a_folder_and_another_recipe_is_turned_away(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "_SECONDS_BETWEEN_SIGNS", 0.2)
    with joined(tmp_path, b"recipe"), joined(tmp_path, b"recipe"):
        with pytest.raises(UserError, match="running another recipe in"), joined(tmp_path, b"other"):
            pass
        assert len(list(tmp_path.iterdir())) == 2
    with joined(tmp_path, b"other"):
        pass
    assert list(tmp_path.iterdir()) == []
