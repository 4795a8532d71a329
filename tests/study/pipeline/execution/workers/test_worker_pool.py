"""Protects: several processes make of a recipe what one makes, also when one of them is killed."""

import logging
import multiprocessing
from types import SimpleNamespace

import pytest

from mllmu.benchmark.images import ImageError
from mllmu.errors import UserError
from mllmu.models.storage import stored_digests
from mllmu.study import run
from mllmu.study.pipeline.execution.workers import worker_memory
from mllmu.study.pipeline.execution.workers.worker_memory import check_memory
from mllmu.study.pipeline.execution.workers.worker_process import _make, failure
from tests.study.small_runs import Diary, brief_recipe, contents, recipe
from tests.together import prepared

pytestmark = pytest.mark.usefixtures("no_page")

FORKING = multiprocessing.get_context("fork")
WRITTEN = ("results.parquet", "person_scores.parquet", "trajectory.parquet", "comparisons.parquet")


class Killer(Diary):
    """Kills the process that was started for a stage, so many times, as soon as the stage begins."""

    def __init__(self, kills):
        super().__init__()
        self.kills, self.begun, self.given_up = kills, [], []

    def begin(self, title):
        self.begun.append(title)
        # The newest process is the one that was started for this stage.
        workers = sorted(multiprocessing.active_children(), key=lambda child: child.pid)
        if workers and self.kills:
            self.kills -= 1
            workers[-1].kill()

    def drop(self, title):
        self.given_up.append(title)


def test_two_workers_write_what_one_process_writes_though_one_is_killed(
    brief_run, random_model_folder, tmp_path, caplog, monkeypatch
):
    starting = prepared()  # sends them what "spawn" does, which a test below takes
    monkeypatch.setattr(multiprocessing, "get_context", lambda how: starting)
    killer = Killer(kills=1)
    with caplog.at_level(logging.WARNING, logger="mllmu"):
        run(brief_recipe(random_model_folder), tmp_path, "cpu", killer, workers=2)
    (given_up,) = killer.given_up
    assert f"{given_up}: its worker ended with exit code -9; it is made again." in caplog.messages
    assert killer.begun.count(given_up) == 2 and killer.done.count(given_up) == 1
    assert len(killer.done) == killer.expected[-1]
    assert {each.name for each in (tmp_path / "stages").iterdir()} == {
        each.name for each in (brief_run / "stages").iterdir()
    }
    for name in WRITTEN:
        assert (tmp_path / name).read_bytes() == (brief_run / name).read_bytes(), name
    assert contents(tmp_path / "records") == contents(brief_run / "records")
    assert not multiprocessing.active_children()


def test_a_stage_that_kills_every_worker_is_given_up(random_model_folder, tmp_path):
    with pytest.raises(UserError, match="2 workers ended while they made it, the last with exit code -9"):
        run(recipe(random_model_folder), tmp_path, "cpu", Killer(kills=10), workers=2)
    assert not multiprocessing.active_children()
    assert not (tmp_path / "results.parquet").exists()


def test_what_is_wrong_in_a_worker_is_said_as_ever(random_model_folder, tmp_path, monkeypatch):
    """Training that diverges is found in the middle of a stage."""
    # How a worker was started changes nothing about its mistakes, and copies need not import all anew.
    monkeypatch.setattr(multiprocessing, "get_context", lambda how: FORKING)
    settings = {"learning_rate": 0.9, "weight_decay": 1e30, "max_steps": 3, "precision": "float32"}
    diverges = recipe(random_model_folder, fine_tuning=settings)
    with pytest.raises(UserError, match="diverged") as said:
        run(diverges, tmp_path, "cpu", workers=2)
    assert "worker_process" in str(said.value.__cause__)  # where it happened


def test_a_worker_makes_nothing_else_than_it_was_asked_for():
    """It is a new process, and reads source that somebody may have edited since the run began."""
    planned = SimpleNamespace(stage=lambda opened, needed: SimpleNamespace(hash="after", title="fine-tune"))
    failed = _make(planned, [], "before", opened=None, store=None, outbox=None)
    with pytest.raises(UserError, match=r"something else of 'fine-tune' .*; expected source code that stays"):
        raise failed.error


def test_a_mistake_that_cannot_be_sent_as_it_is_stays_the_users():
    """An error about an image takes three arguments, and is unpickled with one: it would be a traceback."""
    sent = failure(ImageError("Portrait 7", "is empty", "a PNG")).error
    assert type(sent) is UserError and str(sent) == "Portrait 7 is empty; expected a PNG."


def test_more_workers_than_memory_are_refused(monkeypatch, tmp_path):
    """3 workers of 1,500 MB where 4,000 are free; 2 fit. One process is the user's own affair."""
    free = SimpleNamespace(available=4000 * 2**20)
    monkeypatch.setattr(worker_memory.psutil, "virtual_memory", lambda: free)
    check_memory(2, tmp_path / "run", "tiny")
    with pytest.raises(
        UserError, match=r"3 workers need about 4\.4 GiB .* 3\.9 GiB are free; expected at most 2"
    ):
        check_memory(3, tmp_path / "run", "tiny")


def test_memory_is_what_was_measured_or_four_times_the_weights(monkeypatch, tmp_path):
    free = SimpleNamespace(available=4000 * 2**20)
    monkeypatch.setattr(worker_memory.psutil, "virtual_memory", lambda: free)
    weights = tmp_path / "model" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"0" * 2**20 * 200)  # 1,500 + 4 x 200
    with pytest.raises(UserError, match=r"2 workers need about 4\.5 GiB"):
        check_memory(2, tmp_path / "runs" / "new", str(weights.parent))
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "../model"}')
    (adapter / "adapter_model.safetensors").write_bytes(b"0")
    with pytest.raises(UserError, match=r"2 workers need about 4\.5 GiB"):
        check_memory(2, tmp_path / "runs" / "new", str(adapter))
    monkeypatch.setattr(stored_digests, "_file", lambda location, name: {"a/hub_id": weights}.get(location))
    with pytest.raises(UserError, match=r"2 workers need about 4\.5 GiB"):
        check_memory(2, tmp_path / "runs" / "new", "a/hub_id")
    check_memory(2, tmp_path / "runs" / "new", "another/that_is_not_fetched_yet")
    stage = tmp_path / "runs" / "old" / "stages" / "1"
    stage.mkdir(parents=True)
    (stage / "manifest.json").write_text('{"scale": "tiny on cpu", "peak_memory_mb": 2048}')
    with pytest.raises(UserError, match=r"2 workers need about 4\.0 GiB"):
        check_memory(2, tmp_path / "runs" / "new", "tiny")
