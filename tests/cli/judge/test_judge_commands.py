"""Protects the way of a judge's scores into an evaluation's results."""

import json
import logging

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.benchmark import EvaluationSet
from mllmu.cli import app
from mllmu.evaluation import read_records, write_records
from mllmu.evaluation.protocols.official.judgements import score_file
from mllmu.study.steps.judging.noted_judge import OFFICIAL_JUDGE, judges_of, note_judge
from tests.evaluation.rows import frame

SCORES = "forget_generation_results_factuality_score.json"
KEYS = {"model": "unlearned", "method": "npo", "unlearn_modality": "both", "forget_ratio": 5, "seed": 1}


def invoke(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def evaluated(tmp_path):
    """An evaluation of two free answers, with one number of its own, and the scores of both answers."""
    folder = tmp_path / "asked"
    asked = frame({"profile_id": "001", "question": "Who?"}, {"profile_id": "002", "question": "Who?"})
    write_records(asked, folder / "records" / "npo.parquet")
    cell = {"eval_set": "forget", "modality": "text", "task": "generation", "metric": "rougeL_f", "view": ""}
    whose = {**KEYS, "protocol": "official", "further_steps": "", "benchmark": "0123"}
    numbers = {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75, "n": 2}
    pd.DataFrame([{**whose, **cell, **numbers}]).to_parquet(folder / "results.parquet")
    entry = {"Task Type": "Generation", "Question": "Who?", "Justification": None}
    said = [
        {**entry, "Image_ID": "001", "Factuality Score": 8},
        {**entry, "Image_ID": "002", "Factuality Score": None},
    ]
    (tmp_path / "said").mkdir()
    (tmp_path / "said" / SCORES).write_text(json.dumps([*said, {"Average Generation Factuality Score": 8.0}]))
    return folder


def test_scores_become_metrics_of_the_same_model(evaluated):
    """8 alone, or 8 and 1; one of two could not be read; what was there stays, however often it is done."""
    for _ in range(2):
        result = invoke("judge", "import", evaluated, "--scores", evaluated.parent / "said")
        assert result.exit_code == 0, result.output
    results = pd.read_parquet(evaluated / "results.parquet")
    assert dict(zip(results.metric, results.value, strict=True)) == {
        "rougeL_f": 0.5,
        "factuality": 8,
        "factuality_counted": 4.5,
        "factuality_unread": 50,
    }
    assert len(results) == 4
    assert (results[list(KEYS)] == pd.Series(KEYS)).all(axis=None)
    assert set(results.protocol) == {"official"}
    assert "8.00" in result.stdout and "4.50" in result.stdout
    assert json.loads((evaluated / SCORES).read_text())[-1]["Average Generation Factuality Score"] == 8


def test_scores_of_another_judge_do_not_pass_for_the_official_ones(evaluated, caplog):
    """What else it scored goes, with a word; what was imported before, by the same judge, stays."""
    path = evaluated / "records" / "npo.parquet"
    two = [{"profile_id": each, "question": "Which?"} for each in ("003", "004")]
    two[0]["eval_set"], two[1]["eval_set"] = "test", "retain"
    others = frame(*two).assign(judge_score=5.0)
    write_records(pd.concat([read_records(path), others], ignore_index=True), path)
    note_judge(evaluated, "npo", "gpt-5")
    said = evaluated.parent / "said"
    with caplog.at_level(logging.WARNING, "mllmu"):
        assert invoke("judge", "import", evaluated, "--scores", said).exit_code == 0
    assert "Another judge's scores of 2 answers (retain, test) were taken away" in caplog.text
    assert judges_of(evaluated) == [OFFICIAL_JUDGE]
    assert list(read_records(path)["judge_score"].fillna(-1)) == [8, 0, -1, -1]
    entry = {"Task Type": "Generation", "Question": "Which?", "Justification": None}
    test_scores = [{**entry, "Image_ID": "003", "Factuality Score": 7}]
    caplog.clear()
    (said / SCORES).unlink()
    average = {"Average Generation Factuality Score": 7.0}
    (said / score_file(EvaluationSet.TEST)).write_text(json.dumps([*test_scores, average]))
    result = invoke("judge", "import", evaluated, "--scores", said)
    assert result.exit_code == 0, result.output
    assert list(read_records(path)["judge_score"].fillna(-1)) == [8, 0, 7, -1] and not caplog.text


@pytest.mark.parametrize(
    ("folder", "scores", "message"),
    [
        ("asked", ".", "holds no score file"),
        ("said", "said", "holds 0 records files"),
    ],
)
def test_what_is_missing_is_named(evaluated, folder, scores, message):
    result = invoke("judge", "import", evaluated.parent / folder, "--scores", evaluated.parent / scores)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_help_gives_an_example():
    assert "mllmu judge import runs" in " ".join(invoke("judge", "import", "--help").stdout.split())
