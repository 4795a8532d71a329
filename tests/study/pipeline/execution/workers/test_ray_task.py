"""Protects: a stage is made from recipe and keys alone, and a machine that would make another one says so."""

import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mllmu.errors import UserError
from mllmu.study import run
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.execution.workers import ray_executor, ray_task
from mllmu.study.pipeline.execution.workers.ray_task import StageTask, do_task
from mllmu.study.pipeline.run_plan import Planner
from tests.study.small_runs import brief_recipe


@pytest.fixture
def tasks(brief_run, random_model_folder):
    """The tasks of the first two models of a run: vanilla, and the one after it."""
    models = Planner(brief_recipe(random_model_folder), "cpu", 6, 4).models()
    keys = {manifest_title(path): path.parent.name for path in (brief_run / "stages").glob("*/manifest.json")}
    return [
        StageTask(
            brief_run / "recipe.yaml",
            brief_run / "stages",
            "cpu",
            replace(each, needs=()),
            tuple(keys[one.title] for one in each.needs),
            keys[each.title],
        )
        for each in models.values()
    ]


def manifest_title(path):
    return json.loads(path.read_text())["title"]


def test_a_task_is_small_and_names_one_stage_wherever_it_is_done(tasks, brief_run):
    """It holds no portrait, of which each is larger; what was made already is looked up by what it is."""
    portraits = [path for path in brief_run.rglob("*.parquet") if "benchmark" in str(path)]
    assert portraits and max(path.stat().st_size for path in portraits) > 20_000
    for task in tasks:
        sent = pickle.dumps(task)
        assert len(sent) < 5_000
        outcome = do_task(pickle.loads(sent)).outcome
        assert isinstance(outcome, Made)
        assert outcome.folder == brief_run / "stages" / task.key


def test_what_a_machine_lacks_is_told_in_a_sentence(tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(ray_task, "_SECONDS_UNTIL_SEEN", 0)
    unlearning = next(task for task in tasks if task.needed)
    wrong = {
        "cannot see .*nowhere; expected a folder that all machines": {"recipe": Path("nowhere/recipe.yaml")},
        f"cannot see {tmp_path / unlearning.needed[0]}": {"stages": tmp_path},
        "would make something else of .* expected the version of mllmu": {"key": "0" * 20},
    }
    for said, change in wrong.items():
        error = do_task(replace(unlearning, **change)).outcome.error
        with pytest.raises(UserError, match=said):
            raise error


def test_what_does_not_fit_a_cluster_is_told_first(random_model_folder, tmp_path, monkeypatch):
    def told(said, **options):
        with pytest.raises(UserError, match=said):
            run(brief_recipe(random_model_folder), tmp_path, cluster="auto", **{"device": "cpu", **options})

    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr(ray_executor, "find_spec", lambda name: None)
    told("a cluster needs Ray, which is not installed; expected: pip install 'mllmu\\[ray\\]'")
    monkeypatch.setattr(ray_executor, "find_spec", lambda name: name)
    told("2 workers and a cluster were asked for", workers=2)
    told("device 'cuda:1' does not fit a cluster; expected one of auto, cpu, cuda", device="cuda:1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    told("a cluster was asked for in each of 2 processes; expected one process")
    assert list(tmp_path.iterdir()) == []
