"""Protects: a finished run is measured whole and only once, and what cannot be measured is said."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.evaluation.depth.depth_score import unlearning_depth
from mllmu.study import measure_depth, run
from mllmu.study.finished_run.made_models import drop_stale
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.unlearning.lineage import Lineage
from tests.study.small_runs import RATIO, Diary, recipe

NPO = f"npo-both-forget{RATIO}-seed0"
PROMPTING = f"prompting-both-forget{RATIO}-seed0"


@pytest.fixture(scope="module")
def measured(run_copy):
    diary = Diary()
    outcome = measure_depth(run_copy, people=2, questions=3, device="cpu", display=diary)
    return outcome, diary


def test_the_file_holds_every_question_and_layer(run_copy, measured):
    """Two people, three questions, one layer: at the value by face and by name, at the picture by face."""
    table = pd.read_parquet(run_copy / "depth.parquet")
    pd.testing.assert_frame_equal(table, measured[0].table)
    kinds = table.groupby(["positions", "modality"]).size().to_dict()
    assert kinds == {("value", "image_text"): 6, ("value", "text"): 6, ("image", "image_text"): 6}
    assert set(table["method"]) == {"npo"} and table["profile_id"].nunique() == 2
    drops, retrained = (table[[name]].to_numpy() for name in ("drop", "retrained_drop"))
    np.testing.assert_array_equal(table["depth"], unlearning_depth(drops, retrained))
    assert np.abs(drops[table["positions"] == "value"]).max() > 1e-3
    assert table["depth"].notna().any()


def test_methods_around_the_model_are_left_out(measured):
    assert measured[0].left_out == (PROMPTING,)


def test_it_tells_how_far_it_is(measured):
    diary = measured[1]
    assert diary.done == [f"depth of retrained-forget{RATIO}-seed0", f"depth of {NPO}"]
    assert diary.steps[-1] == (18, 18)


def test_what_was_measured_is_not_measured_again(run_copy, measured):
    diary = Diary()
    again = measure_depth(run_copy, ["npo"], 2, 3, device="cpu", display=diary)
    pd.testing.assert_frame_equal(again.table, measured[0].table)
    assert diary.done == []
    other = Diary()
    measure_depth(run_copy, [NPO], 1, 1, device="cpu", display=other)
    assert len(other.done) == 2


def test_the_command_prints_scores_and_the_report_shows_them(run_copy, measured):
    options = ["--people", "2", "--questions", "3", "--device", "cpu"]
    result = CliRunner().invoke(app, ["depth", str(run_copy), *options])
    assert result.exit_code == 0, result.output
    assert "At the value" in result.output and "NPO" in result.output
    assert f"{PROMPTING}: not measured" in " ".join(result.output.split())
    reported = CliRunner().invoke(app, ["report", str(run_copy)])
    assert reported.exit_code == 0, reported.output
    assert "Unlearning Depth Score" in (run_copy / "report.html").read_text(encoding="utf-8")
    assert (run_copy / "tables" / f"forget_{RATIO}-both-depth.md").is_file()


def test_running_again_takes_away_the_depth_of_models_that_are_no_more(
    run_copy, measured, random_model_folder
):
    measured[0].table.assign(fingerprint="of another model").to_parquet(run_copy / "depth.parquet")
    run(recipe(random_model_folder), run_copy, "cpu")
    assert not (run_copy / "depth.parquet").exists()


def test_the_depth_of_models_that_are_still_there_stays(measured, tmp_path):
    table = measured[0].table
    table.to_parquet(tmp_path / "depth.parquet")
    (fingerprint,) = set(table["fingerprint"])
    made = Made(tmp_path, {"fingerprint": fingerprint})
    drop_stale([Judged(Lineage(), 0, RATIO, made, made, {})], tmp_path)
    assert (tmp_path / "depth.parquet").is_file()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["npoo"], "unknown model of the run 'npoo': did you mean 'npo'"),
        (["prompting"], "hidden states are as they were; expected a model that was trained to forget"),
    ],
)
def test_names_that_mean_nothing_to_measure_are_refused(run_copy, names, words):
    with pytest.raises(UserError, match=words):
        measure_depth(run_copy, names, device="cpu")


def test_people_of_whom_nothing_known_was_taught_are_refused(run_copy, tmp_path, monkeypatch):
    folder = shutil.copytree(run_copy, tmp_path / "run")
    (folder / "depth.parquet").unlink(missing_ok=True)
    monkeypatch.setattr("mllmu.study.depth.measure_depth.taught_sample", lambda *people, **sample: [])
    with pytest.raises(
        UserError, match=f"no taught answer about .* {RATIO} per cent states .* expected one at"
    ):
        measure_depth(folder, device="cpu")
    assert not (folder / "depth.parquet").exists()


def test_a_folder_that_is_no_finished_run_is_refused(run_copy, tmp_path):
    with pytest.raises(
        UserError, match=r"There is no recipe.yaml in .*; expected the folder of a finished run"
    ):
        measure_depth(tmp_path)
    shutil.copy(run_copy / "recipe.yaml", tmp_path)
    with pytest.raises(UserError, match=r"There is no results.parquet"):
        measure_depth(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recipe.yaml"]


@pytest.mark.parametrize("gone", ["retrained", "npo"])
def test_models_that_are_gone_are_named(run_copy, tmp_path, gone):
    folder = tmp_path / "run"
    shutil.copytree(run_copy, folder, copy_function=shutil.copy)
    (folder / "depth.parquet").unlink(missing_ok=True)
    word = {"retrained": "retrain without", "npo": "with npo on"}[gone]
    for manifest in folder.glob("stages/*/manifest.json"):
        if word in json.loads(manifest.read_text("utf-8"))["title"]:
            shutil.rmtree(manifest.parent / "model")
    with pytest.raises(
        UserError, match=f"does not hold the model {gone}-.*; expected a run that was finished"
    ):
        measure_depth(folder, device="cpu")
    assert not (folder / "depth.parquet").exists()
