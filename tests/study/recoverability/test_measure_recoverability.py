"""Protects: models of a finished run are asked the same probes once, and the report shows what came back."""

import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.study import measure_recoverability
from mllmu.study.finished_run.made_models import drop_stale
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.unlearning.lineage import Lineage
from tests.study.small_runs import RATIO, Diary

NPO = f"npo-both-forget{RATIO}-seed0"


@pytest.fixture(scope="module")
def measured(run_copy):
    diary = Diary()
    return measure_recoverability(run_copy, people=1, device="cpu", display=diary), diary


def test_the_file_holds_three_probes_of_every_free_answer_question(run_copy, measured):
    """One person, four generation and four cloze questions; models at inference are asked as well."""
    table, diary = measured
    pd.testing.assert_frame_equal(table, pd.read_parquet(run_copy / "recoverability.parquet"))
    assert set(table["method"]) == {"npo", "prompting"} and table["profile_id"].nunique() == 1
    for _, rows in table.groupby("method"):
        assert rows.groupby("question_id").size().eq(3).all() and rows["question_id"].nunique() == 8
    for column in ("failed", "right", "retrained_right", "vanilla_right"):
        assert table[column].dtype == bool
    stems = (NPO, f"retrained-forget{RATIO}-seed0", f"vanilla-forget{RATIO}-seed0")
    assert {f"probe {stem}" for stem in stems} < set(diary.done) and len(diary.done) == 4


def test_what_was_asked_is_not_asked_again(run_copy, measured):
    diary = Diary()
    again = measure_recoverability(run_copy, ["npo"], people=1, device="cpu", display=diary)
    assert diary.done == []
    pd.testing.assert_frame_equal(again, measured[0])


def test_models_that_were_asked_about_other_people_are_not_put_beside(run_copy, measured, tmp_path):
    """Those that were asked about the same ones stay, whoever is asked for."""
    folder = shutil.copytree(run_copy, tmp_path / "run")
    other = measure_recoverability(folder, ["npo"], people=1, seed=5, device="cpu")
    assert set(other["method"]) == {"npo"}
    assert other[["drawn_people", "drawn_seed"]].drop_duplicates().values.tolist() == [[1, 5]]


def test_the_command_prints_shares_and_the_report_shows_them(run_copy, measured):
    result = CliRunner().invoke(app, ["recoverability", str(run_copy), "--people", "1", "--device", "cpu"])
    assert result.exit_code == 0, result.output
    assert "Brought back by" in result.output and "NPO" in result.output
    reported = CliRunner().invoke(app, ["report", str(run_copy)])
    assert reported.exit_code == 0, reported.output
    assert list((run_copy / "tables").glob("*-recoverability.md"))
    assert "recoverability" in (run_copy / "report.html").read_text()


def test_it_goes_with_the_models_it_is_of(measured, tmp_path):
    table = measured[0]
    table.to_parquet(tmp_path / "recoverability.parquet")
    made = [Made(tmp_path, {"fingerprint": one}) for one in sorted(set(table["fingerprint"]))]
    judged = [Judged(Lineage(), 0, RATIO, one, one, {}) for one in made]
    drop_stale(judged, tmp_path)
    assert (tmp_path / "recoverability.parquet").is_file()
    drop_stale(judged[:1], tmp_path)
    assert not (tmp_path / "recoverability.parquet").exists()


def test_what_cannot_be_measured_is_said(run_copy, tmp_path):
    with pytest.raises(UserError, match="unknown model of the run 'npoo': did you mean 'npo'"):
        measure_recoverability(run_copy, ["npoo"], device="cpu")
    result = CliRunner().invoke(app, ["recoverability", str(tmp_path)])
    assert result.exit_code == 2 and "expected the folder of a finished run" in " ".join(
        result.output.split()
    )


def test_questions_that_cannot_be_asked_another_way_are_refused(run_copy, tmp_path, monkeypatch):
    folder = shutil.copytree(run_copy, tmp_path / "run")
    (folder / "recoverability.parquet").unlink(missing_ok=True)
    monkeypatch.setattr("mllmu.study.recoverability.measure_recoverability.probe_items", lambda *about: [])
    sentence = f"no free-answer question about .* {RATIO} per cent can be asked another way; expected one at"
    with pytest.raises(UserError, match=sentence):
        measure_recoverability(folder, device="cpu")
    assert not (folder / "recoverability.parquet").exists()
