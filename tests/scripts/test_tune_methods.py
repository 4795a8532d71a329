"""Protects: settings that were tuned on one machine stay when others are kept under the same name."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from shutil import copy

import pandas as pd
import pytest
import yaml

from mllmu.errors import UserError
from mllmu.study import Display, Search
from mllmu.study.recipe import tuned_settings
from tests.scripts.loading import load_script

script = load_script("tune_methods")
SETTINGS = {"ga": {"learning_rate": 0.0001}, "npo": {"learning_rate": 0.0002, "alpha": 2.0, "beta": 0.5}}


def searched(out: Path, method: str, modality: str, learning_rate: float) -> Namespace:
    """Arguments whose folder holds a search of one trial, which found something."""
    arguments = Namespace(
        preset="quick", modalities=["image_text", "text", "both"], forget=10, people_seed=1000
    )
    vars(arguments).update(trials=1, passes=5.0, seed=0, out=out, keep="few")
    search = next(
        each
        for each in script.searches(arguments, [method], 1)
        if (each.method, each.modality) == (method, modality)
    )
    measured = {
        f"{column} at -{loss}": [value]
        for loss in (5, 15)
        for column, value in {"passes": 3, "distance": 20, "forget": 30, "utility": 90}.items()
    }
    own = {name: [value] for name, value in {**SETTINGS[method], "learning_rate": learning_rate}.items()}
    (out / search.name).mkdir(parents=True)
    table = pd.DataFrame({"trial": [0], **own, **measured, "seconds": [12.5]})
    table.to_csv(out / search.name / "history.csv", index=False)
    return arguments


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where settings are kept, those that the preset takes among them."""
    folder = tmp_path / "kept"
    folder.mkdir()
    copy(tuned_settings.TUNED_FOLDER / "100_people.yaml", folder)
    monkeypatch.setattr(tuned_settings, "TUNED_FOLDER", folder)
    monkeypatch.setattr(script, "TUNED_FOLDER", folder)
    return folder


def test_what_one_machine_tuned_stays_when_another_keeps_the_rest(tmp_path: Path, folder: Path) -> None:
    """First GA and NPO on names; then GA on names again, which replaces, and NPO on faces, which is added."""
    searched(tmp_path / "first", "ga", "text", 0.0005)
    script.keep(searched(tmp_path / "first", "npo", "text", 0.0006))
    searched(tmp_path / "second", "ga", "text", 0.0007)
    script.keep(searched(tmp_path / "second", "npo", "image_text", 0.0008))

    rates = {
        (modality, method): settings["learning_rate"]
        for modality, methods in yaml.safe_load((folder / "few.yaml").read_text()).items()
        for method, settings in methods.items()
    }
    assert rates == {("text", "ga"): 0.0007, ("text", "npo"): 0.0006, ("image_text", "npo"): 0.0008}
    trials = pd.read_csv(folder / "few.csv")
    assert {(row.modality, row.method): row.learning_rate for row in trials.itertuples()} == rates
    ga = trials[trials["method"] == "ga"]
    assert ga[["alpha", "beta"]].isna().all(axis=None), "settings of another method"


def test_a_folder_without_searches_changes_nothing(tmp_path: Path, folder: Path) -> None:
    """There are settings under the name already."""
    arguments = searched(tmp_path / "first", "ga", "text", 0.0005)
    script.keep(arguments)
    before = (folder / "few.yaml").read_bytes()
    arguments.out = tmp_path / "empty"
    with pytest.raises(UserError, match="there are no searches"):
        script.keep(arguments)
    assert (folder / "few.yaml").read_bytes() == before


def test_a_search_beside_others_says_what_it_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def tune(search: Search, out: Path, device: str, display: Display) -> None:
        for title in ("teach vanilla", "trial 1 of 2: ga"):
            display.begin(title)
            display.advance(title, 1, 2)
            display.end(title)

    monkeypatch.setattr(script, "tune", tune)
    monkeypatch.setattr(script, "prepare_libraries", lambda: None)
    monkeypatch.setattr(script.torch, "set_num_threads", lambda threads: None)
    arguments = searched(tmp_path, "ga", "text", 1e-4)
    (search,) = (one for one in script.searches(arguments, ["ga"], 1) if one.modality == "text")
    script.tune_alone(search, tmp_path, "cpu", 1)
    said = [f"{search.name}: teach vanilla", f"{search.name}: trial 1 of 2: ga"]
    assert capsys.readouterr().err.splitlines() == said


def test_what_was_chosen_on_one_modality_counts_there_though_it_is_the_default(
    tmp_path: Path, folder: Path
) -> None:
    """Else a recipe would take there what was chosen on both; rates of 2e-5 are the default."""
    script.keep(searched(tmp_path / "both", "ga", "both", 0.0005))
    script.keep(searched(tmp_path / "text", "ga", "text", 0.00002))
    kept = yaml.safe_load((folder / "few.yaml").read_text())
    assert {modality: each["ga"]["learning_rate"] for modality, each in kept.items()} == {
        "both": 0.0005,
        "text": 0.00002,
    }


def test_trials_of_other_settings_than_are_searched_are_refused(tmp_path: Path, folder: Path) -> None:
    arguments = searched(tmp_path, "npo", "text", 0.0005)
    (file,) = tmp_path.glob("npo-text-*/history.csv")
    pd.read_csv(file).drop(columns="beta").to_csv(file, index=False)
    with pytest.raises(UserError, match=r"the trials of npo-text-.* have no beta; expected"):
        script.keep(arguments)
    assert not (folder / "few.yaml").exists() and not (folder / "few.csv").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--methods", "ga", "nosuch"], "nosuch"),
        (["--methods", "ga", "--people-seed", "0"], "people whom the recipe scores"),
        (["--trials", "-1"], "--trials should be at least 0"),
        (["--workers", "0"], "--workers at least 1"),
        (["--keep", "a/b"], "--keep is 'a/b'"),
        (["--keep", ""], "--keep is ''"),
    ],
)
def test_mistakes_are_told_before_anything_is_tuned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    sentence: str,
) -> None:
    monkeypatch.setattr(script, "tune", None)
    monkeypatch.setattr(script, "prepare_libraries", lambda: None)
    monkeypatch.setattr(sys, "argv", ["tune_methods.py", "--out", str(tmp_path / "tuned"), *options])
    with pytest.raises(SystemExit) as end:
        script.main()
    assert end.value.code == 2 and sentence in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "tuned").exists()
