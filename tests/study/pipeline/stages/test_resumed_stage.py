"""Protects a run that is killed in the middle of a long stage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mllmu.study import FinishedRun, run
from mllmu.study.pipeline.execution.stage_store import Workplace
from mllmu.study.pipeline.stages import model_stages
from mllmu.training import Upkeep
from tests.study.small_runs import Diary, contents, recipe, remove_stage

pytestmark = pytest.mark.usefixtures("no_page")


class Killer(Diary):
    """Ends a run in step 20 of some training, once."""

    killed = False

    def advance(self, title: str, done: int, total: int) -> None:
        super().advance(title, done, total)
        if done == 20 and not self.killed:
            self.killed = True
            raise KeyboardInterrupt


def test_a_stage_goes_on_from_its_last_state(
    small_run: tuple[FinishedRun, Diary],
    random_model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fine-tuning goes on after the last state, and ends with the same bytes and no state."""

    def after_each_step(workplace: Workplace, planned: object) -> Upkeep:
        return Upkeep(workplace.scratch / "state", seconds=0)

    monkeypatch.setattr(model_stages, "_upkeep", after_each_step)
    folder, killer = tmp_path / "run", Killer()
    shutil.copytree(small_run[0].folder, folder)
    remove_stage(folder, "fine-tune vanilla (seed 0)")
    with pytest.raises(KeyboardInterrupt):
        run(recipe(random_model_folder), folder, "cpu", killer)
    assert list((folder / "stages").glob("unfinished-*/state/checkpoint-19"))
    run(recipe(random_model_folder), folder, "cpu", killer)
    again = killer.steps[killer.steps.index((20, 30)) + 1 :]
    assert again == [(step, 30) for step in range(19, 31)]
    assert _without_times(folder) == _without_times(small_run[0].folder)


def _without_times(folder: Path) -> dict[str, str]:
    """What a run left, but for manifests and pages, which tell how long stages took."""
    return {
        name: digest
        for name, digest in contents(folder).items()
        if not name.endswith(("manifest.json", "report.html"))
    }
