"""Protects what trackers of experiments are told, and that they change nothing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.study import FinishedRun, run
from mllmu.training.upkeep import tracking
from tests.study.small_runs import RATIO, Diary, recipe, remove_stage

WRITER = """
import json, pathlib

class SummaryWriter:
    def __init__(self, log_dir):
        self.file = pathlib.Path(log_dir, "told.jsonl")
        self.file.parent.mkdir(parents=True)

    def add_text(self, *arguments): pass

    def flush(self): pass

    def close(self): pass

    def add_scalar(self, *told):
        with self.file.open("a") as file:
            file.write(json.dumps(told) + chr(10))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tensorboardX that writes JSON; torch's own writer wants the real package, and is kept away."""
    (tmp_path / "tensorboardX.py").write_text(WRITER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)


@pytest.mark.usefixtures("stand_in")
def test_a_tracker_is_told_of_each_step_and_changes_no_key(
    small_run: tuple[FinishedRun, Diary], random_model_folder: Path, tmp_path: Path
) -> None:
    """One stage is made anew, and gives what it gave; all others are found."""
    folder, diary = tmp_path / "run", Diary()
    shutil.copytree(small_run[0].folder, folder)
    title = f"unlearn {RATIO} % with npo on both (seed 0)"
    remove_stage(folder, title)
    run(recipe(random_model_folder), folder, "cpu", diary, log_to=["tensorboard"])
    assert diary.done == [title]
    assert (folder / "results.parquet").read_bytes() == small_run[0].results_file.read_bytes()
    (file,) = folder.glob("tensorboard/*/told.jsonl")
    assert file.parent.name == f"npo-both-forget{RATIO}-seed0"
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for name in ("loss", "forget_loss", "learning_rate", "grad_norm", "passes"):
        assert [step for key, _, step in told if key == f"train/{name}"] == list(range(1, 9)), name


@pytest.mark.parametrize("command", [["run"], ["train", "--benchmark", "people", "--out", "vanilla"]])
def test_a_tracker_that_is_not_installed_is_said_first(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, [*command, "--log-to", "trackio", "--device", "cpu"])
    assert result.exit_code == 2
    assert "Logging to trackio needs the package trackio" in result.stderr
    assert "pip install trackio" in result.stderr
    assert not list(tmp_path.iterdir())
