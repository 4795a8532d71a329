"""Protects: general ability in one command, which shows what it runs, and says why where it cannot."""

import json
import shlex
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from tests.bridges.lmms_eval.conftest import fake_lmms_eval
from tests.bridges.lmms_eval.lmms_layout import write_results

__all__ = ["fake_lmms_eval"]


def invoke(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_model_is_asked_and_its_table_is_kept(tmp_path, random_model_folder, fake_lmms_eval):
    out = tmp_path / "utility"
    options = ["--limit", 2, "--batch-size", 4, "--seed", 3, "--device", "cpu"]
    result = invoke("utility", random_model_folder, "--tasks", "colours", "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert "exact_match" in result.stdout and f"table: {out / 'utility.parquet'}" in result.stdout
    (row,) = pd.read_parquet(out / "utility.parquet").to_dict("records")
    assert (row["task"], row["value"], row["n"]) == ("colours", 0.5, 2)
    # 1 of 2 right: the exact ends are 1 - sqrt(0.975) and sqrt(0.975).
    assert row["ci_low"] == pytest.approx(1 - 0.975**0.5) and row["ci_high"] == pytest.approx(0.975**0.5)
    assert pd.read_csv(out / "utility.csv")["metric"].tolist() == ["exact_match"]
    (file,) = (out / "lmms_eval").rglob("*_results.json")
    said = json.loads(file.read_text())["config"]
    assert (said["limit"], said["batch_size"], said["seed"], said["device"]) == ("2", "4", "3", "cpu")


def test_a_run_without_results_leaves_nothing(tmp_path, random_model_folder, fake_lmms_eval):
    result = invoke("utility", random_model_folder, "--tasks", "broken", "--out", tmp_path / "utility")
    assert result.exit_code == 2 and "exit code 0 and no results" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_prints_the_command_line(tmp_path):
    result = invoke("utility", "tiny", "--tasks", "mme", "--out", tmp_path / "x", "--dry-run")
    words = shlex.split(result.stdout)
    assert result.exit_code == 0 and words[1:4] == ["-m", "lmms_eval", "--model"]
    assert not (tmp_path / "x").exists()


def test_without_lmms_eval_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lmms_eval", None)
    monkeypatch.setattr("mllmu.bridges.lmms_eval.run_lmms_eval.find_spec", lambda name: None)
    result = invoke("utility", "tiny", "--tasks", "mme", "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert "needs lmms-eval; install it with: pip install 'mllmu[utility]'" in result.stderr


def test_results_that_are_there_are_read(tmp_path):
    write_results(tmp_path / "theirs", {"mme": {"score\x1b[2J,none": 3.0}}, counts={"mme": 4})
    result = invoke("utility", "--read", tmp_path / "theirs", "--out", tmp_path / "table")
    assert result.exit_code == 0 and "\x1b" not in result.stdout
    (row,) = pd.read_parquet(tmp_path / "table" / "utility.parquet").to_dict("records")
    assert (row["value"], row["note"], row["n"]) == (3.0, "lmms-eval gives no standard error", 4)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ([], "expected a MODEL to ask"),
        (["tiny", "--tasks", "mme"], "expected a MODEL to ask"),
        (["tiny", "--out", "x"], "No task is named"),
        (["tinny", "--tasks", "mme", "--out", "x"], "There is no model 'tinny'"),
        (["tiny", "--read", "x"], "--read shows what is there already"),
        (["--read", "x", "--limit", "3"], "--read shows what is there already"),
        (["--read", "x", "--device", "cuda:9"], "--read shows what is there already"),
        (["--read", "x", "--seed", "1"], "--read shows what is there already"),
        (["tiny", "--tasks", "mme", "--out", "x", "--include-path", "none"], "There is no folder none"),
        (["--read", "missing"], "holds no results of lmms-eval"),
    ],
)
def test_what_does_not_fit_is_told(arguments, fault):
    result = invoke("utility", *arguments)
    assert result.exit_code == 2 and fault in " ".join(result.stderr.split())
