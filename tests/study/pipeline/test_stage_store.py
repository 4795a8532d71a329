"""Protects: a result is found again exactly when nothing that made it changed, and is never half there."""

import json
from dataclasses import replace

import pytest

from mllmu.errors import DivergedError, UserError
from mllmu.study.pipeline.executor import Executor
from mllmu.study.pipeline.run_display import Display
from mllmu.study.pipeline.stage_store import Stage, Store


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


@pytest.mark.parametrize("damage", ["manifest.json", "made.txt"])
def test_damaged_result_is_made_again(tmp_path, damage):
    store = Store(tmp_path)
    made = store.make(stage(), lambda done, total: None)
    (made.folder / damage).write_text("")
    assert store.find(stage()) is None
    Executor(store, Display()).do(stage())
    assert store.find(stage()) is not None
    assert (made.folder / "made.txt").read_text() == "made"


def test_sweep_removes_what_a_killed_process_left(tmp_path):
    store = Store(tmp_path)
    kept = store.make(stage(), lambda done, total: None)
    (tmp_path / ".tmp-123456-abc").mkdir()
    store.sweep()
    assert list(tmp_path.iterdir()) == [kept.folder]


def test_unfinished_work_goes_on_from_its_scratch_folder_which_goes_with_it(tmp_path):
    """It outlasts an interruption and the sweep that follows, but neither the result nor the end of a run."""

    def make(workplace, progress):
        before = workplace.scratch.is_dir()
        workplace.scratch.mkdir(exist_ok=True)
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
    assert list(tmp_path.iterdir()) == [made.folder]
