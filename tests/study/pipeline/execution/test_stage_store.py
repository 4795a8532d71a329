"""Protects: a result is found again exactly when nothing that made it changed, and is never half there."""

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mllmu.errors import DivergedError, UserError
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Stage, Store, manifests_beside
from tests.study.small_runs import Diary


def stage(work=lambda folder: (folder / "made.txt").write_text("made"), **changes):
    def make(workplace, progress):
        work(workplace.folder)
        return {"fingerprint": "f"}

    given = Stage(
        "training", "train somebody", "c0de", {"data": "d", "settings": {"rate": 0.1}, "seed": 0}, make
    )
    return replace(given, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "unlearning"},
        {"code": "beef"},
        {"ingredients": {"data": "e", "settings": {"rate": 0.1}, "seed": 0}},
        {"ingredients": {"data": "d", "settings": {"rate": 0.2}, "seed": 0}},
        {"ingredients": {"data": "d", "settings": {"rate": 0.1}, "seed": 1}},
        {"ingredients": {"data": "d", "settings": {"rate": 0.1}, "seed": 0, "device": "cuda"}},
    ],
)
def test_hash_changes_with_every_input(changes):
    assert stage(**changes).hash != stage().hash


def test_hash_does_not_change_with_anything_else():
    reordered = {"seed": 0, "settings": {"rate": 0.1}, "data": "d"}
    same = stage(title="train somebody else's neighbour", ingredients=reordered, work=lambda folder: None)
    assert same.hash == stage().hash


def test_finished_work_is_not_done_again(tmp_path):
    done = []
    one = stage(work=lambda folder: done.append(folder))
    executor = Executor(Store(tmp_path), Display())
    first, second = executor.do(one), executor.do(one)
    assert len(done) == 1
    assert first == second
    assert first.facts == {"fingerprint": "f"}


def test_manifest_says_what_it_was_made_of(tmp_path):
    made = Store(tmp_path).make(stage(), lambda done, total: None)
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert manifest["kind"] == "training"
    assert manifest["ingredients"]["settings"] == {"rate": 0.1}
    assert manifest["seconds"] >= 0
    assert manifest["peak_memory_mb"] > 0
    assert manifest["versions"]["torch"]
    assert manifest["files"] == {"made.txt": 4}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot forget what it held")
def test_peak_memory_is_the_stages_own(tmp_path):
    """What an earlier one held and let go does not count."""

    def hold(mebibytes):
        def work(folder):
            bytearray(mebibytes * 2**20)

        one = stage(work=work, ingredients={"mebibytes": mebibytes})
        made = Store(tmp_path).make(one, lambda done, total: None)
        return json.loads((made.folder / "manifest.json").read_text())["peak_memory_mb"]

    assert hold(400) > hold(10) + 300


def test_killed_work_leaves_nothing_and_is_done_again(tmp_path):
    def interrupted(folder):
        (folder / "half.txt").write_text("half")
        raise KeyboardInterrupt

    executor = Executor(Store(tmp_path), Display())
    with pytest.raises(KeyboardInterrupt):
        executor.do(stage(work=interrupted))
    assert list(tmp_path.iterdir()) == []
    made = executor.do(stage())
    assert sorted(path.name for path in made.folder.iterdir()) == ["made.txt", "manifest.json"]


def test_a_training_that_diverges_names_its_stage(tmp_path):
    """In a run of forty models, a method's name and a step do not say which."""

    def diverges(folder):
        raise DivergedError("Method 'npo' diverged: in step 3 of 5 its loss is nan.")

    with pytest.raises(UserError, match=r"^train somebody: Method 'npo' diverged: in step 3 of 5"):
        Store(tmp_path).make(stage(work=diverges), lambda done, total: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "content"),
    [
        ("manifest.json", ""),
        ("manifest.json", "[]"),
        ("manifest.json", "null"),
        ("manifest.json", "{}"),
        ("manifest.json", '{"files": [], "facts": {}}'),
        ("manifest.json", '{"files": {}}'),
        ("manifest.json", '{"files": {}, "facts": 1}'),
        ("made.txt", ""),
    ],
)
def test_damaged_result_is_made_again(tmp_path, damage, content):
    store = Store(tmp_path)
    made = store.make(stage(), lambda done, total: None)
    (made.folder / damage).write_text(content)
    assert store.find(stage()) is None
    Executor(store, Display()).do(stage())
    assert store.find(stage()) is not None
    assert (made.folder / "made.txt").read_text() == "made"


def test_sweep_removes_what_a_killed_process_left(tmp_path):
    store = Store(tmp_path)
    kept = store.make(stage(), lambda done, total: None)
    (tmp_path / ".tmp-0123456789ab-abc").mkdir()
    store.sweep()
    assert list(tmp_path.iterdir()) == [kept.folder]


def test_sweep_spares_what_has_a_living_maker(tmp_path, caplog):
    """That of another run, which holds the lease on it; with the lease goes the protection."""
    store, other = Store(tmp_path), Store(tmp_path)
    assert other.leases.claim("abc")
    half, scratch = tmp_path / ".tmp-0123456789ab-abc", store.folder / "unfinished-abc"
    half.mkdir()
    scratch.mkdir()
    (scratch / "state").touch()
    store.sweep()
    store.tidy()
    assert half.is_dir() and scratch.is_dir()
    other.leases.release("abc")
    with caplog.at_level(logging.WARNING, "mllmu"):
        store.tidy()
    assert list(tmp_path.iterdir()) == [scratch]  # which the other recipe may go on with
    assert "unfinished-abc holds the state of an unfinished stage of another recipe" in caplog.text
    done = tmp_path / "abc"
    done.mkdir()
    (tmp_path / "unfinished-def").mkdir()  # failed before there was a state
    store.tidy()
    assert list(tmp_path.iterdir()) == [done]


def test_of_two_makers_the_first_to_finish_is_kept_and_used_by_both(tmp_path):
    """The second is overtaken while it works, as one that was held up for longer than its lease lasts."""

    def slow(folder):
        (folder / "made.txt").write_text("second")
        first = stage(work=lambda folder: (folder / "made.txt").write_text("first"))
        Store(tmp_path).make(first, lambda done, total: None)

    made = Store(tmp_path).make(stage(work=slow), lambda done, total: None)
    assert made.folder == tmp_path / stage().hash
    assert (made.folder / "made.txt").read_text() == "first"
    assert list(tmp_path.iterdir()) == [made.folder]


def test_who_loses_the_state_to_a_faster_maker_takes_its_result(tmp_path):
    """The first to finish removes what both keep of the training so far; without a result it is an error."""

    def overtaken(folder):
        Store(tmp_path).make(stage(work=lambda folder: (folder / "made.txt").write_text("1")), print)
        raise FileNotFoundError("state")

    def alone(folder):
        raise FileNotFoundError("state")

    made = Store(tmp_path).make(stage(work=overtaken), print)
    assert (made.folder / "made.txt").read_text() == "1"
    with pytest.raises(FileNotFoundError):
        Store(tmp_path).make(stage(kind="another", work=alone), print)


def test_what_another_makes_is_left_for_later_and_taken_from_it(tmp_path):
    """Two stages, the first of which another run is making, and gives up while we make the second."""
    store, other = Store(tmp_path), Store(tmp_path)
    theirs, ours = stage(), stage(kind="another", work=lambda folder: other.leases.release(stage().hash))
    diary = Diary()
    assert other.leases.claim(theirs.hash)
    planned = [Planned(replace(theirs, title="theirs")), Planned(replace(ours, title="ours"))]
    results = {}
    Executor(store, diary).do_all(planned, None, results)
    assert diary.done == ["ours", "theirs"]
    assert [results[each].hash for each in planned] == [theirs.hash, ours.hash]
    assert {path.name for path in tmp_path.iterdir()} == {theirs.hash, ours.hash}  # and no lease


class Planned:
    """A planned stage that needs nothing."""

    needs = ()

    def __init__(self, one):
        self.one = one

    def stage(self, opened, needed):
        return self.one


def test_unfinished_work_goes_on_from_its_scratch_folder_which_goes_with_it(tmp_path):
    """It outlasts an interruption and the sweep that follows, but neither the result nor the end of a run."""

    def make(workplace, progress):
        before = workplace.scratch.is_dir()
        workplace.scratch.mkdir(exist_ok=True)
        (workplace.scratch / "state").touch()
        if not before:
            raise KeyboardInterrupt
        return {"went_on": before}

    store, two_runs = Store(tmp_path), replace(stage(), make=make)
    with pytest.raises(KeyboardInterrupt):
        store.make(two_runs, lambda done, total: None)
    store.sweep()
    assert len(list(tmp_path.iterdir())) == 1
    made = store.make(two_runs, lambda done, total: None)
    assert made.facts == {"went_on": True}
    assert list(tmp_path.iterdir()) == [made.folder]
    with pytest.raises(KeyboardInterrupt):
        store.make(replace(two_runs, kind="another"), lambda done, total: None)
    store.tidy()
    assert made.folder in list(tmp_path.iterdir()) and len(list(tmp_path.iterdir())) == 2


def test_manifests_are_found_beside_the_current_folder(tmp_path, monkeypatch):
    run = tmp_path / "run"
    Store(run / "stages").make(stage(), lambda done, total: None)
    monkeypatch.chdir(run)
    assert [one["title"] for one in manifests_beside(Path())] == [stage().title]
