"""Protects trajectories of a run: whose states are in the table, and that a kill changes none of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mllmu.study import Display, FinishedRun, run
from mllmu.study.pipeline.stages import model_stages
from mllmu.study.pipeline.stages.trajectory_keeper import TrajectoryKeeper
from tests.study.small_runs import Diary, recipe, remove_stage

pytestmark = pytest.mark.usefixtures("no_page")

FILE = "trajectory.parquet"


@pytest.fixture(scope="module")
def finished(small_run: tuple[FinishedRun, Diary], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("trajectories") / "run"
    shutil.copytree(small_run[0].folder, folder)
    return folder


def test_every_model_is_there_with_the_passes_it_had_done(finished: Path) -> None:
    """Two looks on the way and the end; passes that are not reached are left out."""
    table = pd.read_parquet(finished / FILE)
    states = (
        table.fillna({"passes": -1}).groupby(["model", "method"])["passes"].unique().map(sorted).to_dict()
    )
    assert states == {
        ("vanilla", ""): [0],
        ("retrained", ""): [-1],
        ("unlearned", "npo"): [0.25, 0.5, 1],
        ("unlearned", "prompting"): [-1],
    }


def test_all_states_are_asked_the_same(finished: Path) -> None:
    """About the same people, in as many questions."""
    table = pd.read_parquet(finished / FILE)
    asked = ["eval_set", "modality", "task", "metric", "view", "profile_id", "n"]
    whole = [state[asked].values.tolist() for _, state in table.groupby(["method", "passes"], dropna=False)]
    assert len(whole) == 6 and all(each == whole[0] for each in whole)


def test_the_last_state_is_scored_as_in_the_whole_evaluation(finished: Path) -> None:
    """Where all questions of a person's cell are asked on the way, the scores are those of the run."""
    table = pd.read_parquet(finished / FILE)
    last = table[(table["method"] == "npo") & (table["passes"] == 1)]
    whole = pd.read_parquet(finished / "person_scores.parquet")
    keys = ["model", "method", "eval_set", "modality", "task", "metric", "view", "profile_id"]
    both = last.merge(whole, on=keys, suffixes=("", "_whole"))
    same = both[both["n"] == both["n_whole"]]
    assert len(same) and (same["value"] == same["value_whole"]).all()


def test_a_run_that_is_killed_while_a_model_forgets_goes_on_from_its_last_look(
    finished: Path, random_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the second look: the first is not done again, and the results are those of the other."""
    looks: list[float] = []
    original = TrajectoryKeeper.look

    def look(self: TrajectoryKeeper, loaded: Any, passes: float) -> None:
        if passes == 0.5 and 0.5 not in looks:
            looks.append(passes)
            raise KeyboardInterrupt
        looks.append(passes)
        original(self, loaded, passes)

    monkeypatch.setattr(TrajectoryKeeper, "look", look)
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    remove_stage(folder, "unlearn 34 % with npo on both (seed 0)")
    with pytest.raises(KeyboardInterrupt):
        run(recipe(random_model_folder), folder, "cpu", Display())
    assert list((folder / "stages").glob("unfinished-*"))
    run(recipe(random_model_folder), folder, "cpu", Display())
    assert looks == [0.25, 0.5, 0.5]
    assert not list((folder / "stages").glob("unfinished-*"))
    for name in (FILE, "results.parquet", "person_scores.parquet"):
        assert (folder / name).read_bytes() == (finished / name).read_bytes(), name


def test_other_passes_are_another_unlearning_and_none_are_no_file(
    finished: Path, random_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without trajectories the table of before must not stay; what is never looked at is not made anew."""
    made: list[str] = []
    original = model_stages.unlearn

    def noted(method: str, *rest: Any) -> Any:
        made.append(method)
        return original(method, *rest)

    monkeypatch.setattr(model_stages, "unlearn", noted)
    before = (finished / FILE).read_bytes()
    run(recipe(random_model_folder, trajectory=None), finished, "cpu", Display())
    assert made == ["npo"]
    assert not (finished / FILE).exists()
    run(recipe(random_model_folder), finished, "cpu", Display())
    assert made == ["npo"]
    assert (finished / FILE).read_bytes() == before
