"""Protects the choice of settings: on whom, by what, and that a search goes on where it stopped."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import optuna
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.errors import DivergedError, UserError
from mllmu.study import Display, Recipe, tune
from mllmu.study.tuning import tune_method
from mllmu.study.tuning.choice import NEAR
from mllmu.study.tuning.trial_score import State
from tests.study.tuning.searches import search


@pytest.fixture(scope="module")
def tuned(
    random_model_folder: Path, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame]:
    """A folder in which two settings were tried."""
    folder = tmp_path_factory.mktemp("tuned")
    shutil.copytree(models, folder / "stages")
    return folder, tune(search(random_model_folder), folder, "cpu", Display())


def test_the_settings_of_the_recipe_come_first_as_far_as_they_lie_in_the_ranges(
    tuned: tuple[Path, pd.DataFrame],
) -> None:
    """Alpha 99 lies above its range of 0.3 to 10."""
    _, history = tuned
    assert history.loc[0, ["learning_rate", "beta", "alpha"]].tolist() == [1e-3, 0.4, 10]
    assert history.loc[1, ["learning_rate", "beta", "alpha"]].tolist() != [1e-3, 0.4, 10]
    assert history["trial"].tolist() == [0, 1]
    assert history["distance at -15"].notna().all()


def test_the_history_is_written_beside_the_search(
    tuned: tuple[Path, pd.DataFrame], random_model_folder: Path
) -> None:
    folder, history = tuned
    name = search(random_model_folder).name
    assert name.startswith("npo-text-forget34-people7-passes1-seed0-")
    pd.testing.assert_frame_equal(pd.read_csv(folder / name / "history.csv"), history)


def test_the_choice_can_be_given_to_a_run(
    tuned: tuple[Path, pd.DataFrame], random_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All settings that were tried, with the passes after which that trial was nearest, or hardly less near.

    The second trial keeps more utility than the first; at -5 it is near enough, and at -15 it is not.
    """
    folder, _ = tuned
    near, less, far = State(2.0, 10, 40, 80), State(3.0, 10 + NEAR, 45, 85), State(3.0, 11 + NEAR, 45, 85)
    tried = Mock(side_effect=[({5.0: near, 15.0: near}, 1.0), ({5.0: less, 15.0: far}, 1.0)])
    monkeypatch.setattr("mllmu.study.tuning.tune_method.Trials.run", tried)
    wanted = search(random_model_folder, modality="both")
    history = tune(wanted, folder, "cpu", Display())
    first, second = ({**call.args[0]} for call in tried.call_args_list)
    assert history["distance at -15"].tolist() == [10, 11 + NEAR]
    written = yaml.safe_load((folder / wanted.name / "tuned.yaml").read_text())
    assert list(written) == ["at utility -5", "at utility -15"]
    for choice, settings, state in zip(written.values(), (second, first), (less, near), strict=True):
        assert choice == {"settings": {**settings, "passes": state.passes}, "measured": vars(state)}
        recipe = Recipe.model_validate({"methods": {"npo": choice["settings"]}})
        assert recipe.method_settings("npo", "both") == choice["settings"]


def test_a_search_goes_on_in_its_folder(tuned: tuple[Path, pd.DataFrame], random_model_folder: Path) -> None:
    """The trials of before count; nobody is taught again."""
    folder, history = tuned
    stages = {path.name: path.stat().st_mtime for path in (folder / "stages").iterdir()}
    longer = tune(search(random_model_folder, trials=3), folder, "cpu", Display())
    assert longer["trial"].tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(longer.head(2), history)
    assert {path.name: path.stat().st_mtime for path in (folder / "stages").iterdir()} == stages


@pytest.fixture
def all_end_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials take no time, whatever they try."""
    state = State(1.0, 10, 40, 80)
    tried = Mock(return_value=({5.0: state, 15.0: state}, 1.0))
    monkeypatch.setattr("mllmu.study.tuning.tune_method.Trials.run", tried)


@pytest.mark.usefixtures("all_end_alike")
def test_trials_count_wherever_a_search_starts(random_model_folder: Path, with_models: Path) -> None:
    """A recipe that takes what was kept starts elsewhere the next time; no batches are searched.

    Trials of other recipes lie in a folder of their own, and are not taken for this one's.
    """
    wanted = search(random_model_folder, trials=1)
    before = tune(wanted, with_models, "cpu", Display())
    wanted.recipe.methods["npo"] = {**wanted.recipe.methods["npo"], "learning_rate": 2e-4, "beta": 0.3}
    pd.testing.assert_frame_equal(tune(wanted, with_models, "cpu", Display()), before)
    name = wanted.name
    wanted.recipe.methods["npo"] = {**wanted.recipe.methods["npo"], "batch_size": 2}
    tune(wanted, with_models, "cpu", Display())
    assert name != wanted.name
    for each in (name, wanted.name):
        assert len(optuna.get_all_study_names(f"sqlite:///{with_models / each / 'study.db'}")) == 1


def test_a_search_that_goes_on_proposes_what_it_would_have_without_a_break(
    tuned: tuple[Path, pd.DataFrame], random_model_folder: Path, with_models: Path
) -> None:
    """Trials are proposed alike; only their seconds differ."""
    _, history = tuned
    tune(search(random_model_folder, trials=1), with_models, "cpu", Display())
    resumed = tune(search(random_model_folder), with_models, "cpu", Display())
    pd.testing.assert_frame_equal(resumed.drop(columns="seconds"), history.drop(columns="seconds"))


@pytest.mark.usefixtures("all_end_alike")
def test_searches_share_people_and_models_but_no_trials(
    random_model_folder: Path, with_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On either modality nobody is taught again; with other models or code, old trials do not count."""
    stages = sorted(path.name for path in (with_models / "stages").iterdir())
    tune(search(random_model_folder, trials=1), with_models, "cpu", Display())
    tune(search(random_model_folder, trials=1, modality="both"), with_models, "cpu", Display())
    assert sorted(path.name for path in (with_models / "stages").iterdir()) == stages
    other = search(random_model_folder, trials=1)
    other.recipe.fine_tuning = other.recipe.fine_tuning.model_copy(update={"max_steps": 1})
    assert tune(other, with_models, "cpu", Display())["trial"].tolist() == [0]
    monkeypatch.setattr("mllmu.study.pipeline.stages.model_stages._unlearning_code", lambda: "other code")
    assert tune(search(random_model_folder, trials=1), with_models, "cpu", Display())["trial"].tolist() == [0]
    name = search(random_model_folder).name
    studies = optuna.get_all_study_names(f"sqlite:///{with_models / name / 'study.db'}")
    assert len(studies) == 2 and other.name != name
    assert len(list((with_models / "stages").iterdir())) > len(stages)


def test_without_optuna_nothing_is_begun(
    random_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mllmu.study.tuning.tune_method.find_spec", lambda _: None)
    with pytest.raises(UserError, match="needs Optuna; expected: pip install 'mllmu"):
        tune(search(random_model_folder), tmp_path / "new", "cpu", Display())
    assert not (tmp_path / "new").exists()


def test_a_trial_that_diverges_is_the_worst_and_does_not_end_the_search(
    random_model_folder: Path, with_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row says so by having no numbers."""

    def diverge(*_: object) -> None:
        raise DivergedError("diverged")

    monkeypatch.setattr("mllmu.study.tuning.tune_method.Trials.run", diverge)
    history = tune(search(random_model_folder), with_models, "cpu", Display())
    assert len(history) == 2
    assert all(math.isnan(value) for value in history["distance at -5"])
    name = search(random_model_folder).name
    assert yaml.safe_load((with_models / name / "tuned.yaml").read_text()) == {}


def test_another_mistake_than_a_divergence_ends_the_search(
    random_model_folder: Path, with_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A method that lacks what it needs would else be tried to the end, without a number."""

    def lacking(*_: object) -> None:
        raise UserError("it needs pictures")

    monkeypatch.setattr("mllmu.study.tuning.tune_method.Trials.run", lacking)
    with pytest.raises(UserError, match="it needs pictures"):
        tune(search(random_model_folder), with_models, "cpu", Display())


def test_a_trial_that_was_interrupted_is_tried_again(
    random_model_folder: Path,
    with_models: Path,
    monkeypatch: pytest.MonkeyPatch,
    tuned: tuple[Path, pd.DataFrame],
) -> None:
    """The recipe's own settings are not lost with it, and it leaves no row as if it had diverged."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("mllmu.study.tuning.tune_method.Trials.run", Mock(side_effect=KeyboardInterrupt))
        tune(search(random_model_folder), with_models, "cpu", Display())
    history = tune(search(random_model_folder), with_models, "cpu", Display())
    columns = ["learning_rate", "beta", "alpha", "distance at -5"]
    pd.testing.assert_frame_equal(history[columns], tuned[1][columns])


def test_further_steps_of_a_recipe_are_left_out(random_model_folder: Path) -> None:
    wanted = search(random_model_folder)
    recipe = Recipe.model_validate({**wanted.recipe.model_dump(), "further_steps": {"relearn_retain": {}}})
    assert replace(wanted, recipe=recipe).development().further_steps == {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"method": "prompting"}, "prompting' has nothing to tune; expected one of ga, grad_diff"),
        ({"people_seed": 0}, "people whom the recipe scores"),
        ({"passes": 0.0}, "'passes' is 0.0, but should be greater than 0"),
    ],
)
def test_what_cannot_be_tuned_is_said_before_anything_is_made(
    random_model_folder: Path, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        tune(search(random_model_folder, **changes), tmp_path / "new", "cpu", Display())
    assert not (tmp_path / "new").exists()


def test_a_seed_that_no_recipe_could_hold_is_refused() -> None:
    result = CliRunner().invoke(app, ["tune", "npo", "--people-seed", str(2**63)])
    assert result.exit_code == 2 and "--people-seed" in result.output


def test_a_folder_whose_name_would_mean_something_in_a_url(random_model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "why?mode=memory&a%20b"
    folder.mkdir()
    for numbers in ([0], [0, 1]):
        study = tune_method._open_study(search(random_model_folder), folder, "models")
        study.enqueue_trial({})
        assert [trial.number for trial in study.trials] == numbers
    assert [each.name for each in folder.iterdir()] == ["study.db"]
    assert [each.name for each in tmp_path.iterdir()] == [folder.name]


def test_other_people_than_the_generators_are_not_tuned_on(random_model_folder: Path, tmp_path: Path) -> None:
    wanted = search(random_model_folder)
    wanted.recipe.benchmark = "hub/people"
    with pytest.raises(UserError, match="benchmark is 'hub/people'; expected 'synthetic'"):
        tune(wanted, tmp_path / "new", "cpu", Display())


@pytest.mark.parametrize("settings", [{"schedule": "linear"}, {"schedule": "cosine"}, {"warmup_ratio": 0.1}])
def test_rates_that_depend_on_the_length_are_not_tuned(
    random_model_folder: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """A state after two of ten passes is not what two passes make."""
    wanted = search(random_model_folder)
    wanted.recipe.methods[wanted.method].update(settings)
    with pytest.raises(UserError, match="its rates depend on how long it trains"):
        tune(wanted, tmp_path / "new", "cpu", Display())
    assert not (tmp_path / "new").exists()


def test_a_search_that_chose_nothing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trial came nearer than vanilla, so that the file of the choice has no settings."""
    row = {"passes": 0.0, "distance": 60.0, "forget": 90.0, "utility": 90.0}
    trial = {f"{name} at -{loss}": value for loss in (5, 15) for name, value in row.items()}
    monkeypatch.setattr("mllmu.study.tune", lambda *arguments: pd.DataFrame([{"trial": 0, **trial}]))
    result = CliRunner().invoke(app, ["tune", "npo", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "settings: none, as no trial came nearer" in result.output and "tuned.yaml" not in result.output


@pytest.mark.parametrize(
    ("assignment", "option"),
    [
        ("seeds=[5]", "--seed"),
        ("forget_ratios=[50]", "--forget"),
        ("modalities=[text]", "--modality"),
        ("synthetic.seed=4", "--people-seed"),
        ("methods.npo.passes=3", "--passes"),
        ("by_modality.text.npo.passes=3", "--passes"),
        ("trajectory.people=9", "a setting of the people"),
    ],
)
def test_settings_that_a_search_fixes_are_refused(assignment: str, option: str) -> None:
    result = CliRunner().invoke(app, ["tune", "npo", "--set", assignment])
    assert result.exit_code == 2 and f"changes nothing in a search; expected {option}" in result.output


def test_passes_that_are_tried_may_be_set_for_the_first_trial() -> None:
    """It is refused for the people alone, who are those that are scored."""
    options = ["--set", "methods.task_vector.passes=3", "--people-seed", "0"]
    result = CliRunner().invoke(app, ["tune", "task_vector", *options])
    assert result.exit_code == 2 and "people whom the recipe scores" in " ".join(result.output.split())
