"""Protects: asking a judge says what it costs, shows failures, and puts scores beside those of the rules."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.cli import app
from mllmu.evaluation import read_records, write_records
from mllmu.study.steps.judging.noted_judge import judges_of
from tests.evaluation.judge.asked.judging_server import judging
from tests.evaluation.rows import frame
from tests.study.small_runs import contents

KEYS = {"model": "unlearned", "method": "npo", "unlearn_modality": "both", "forget_ratio": 5, "seed": 1}


def invoke(*arguments, **options):
    return CliRunner().invoke(app, [str(one) for one in arguments], **options)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("mllmu.inference.endpoint.server._SECONDS_BEFORE_ANOTHER_TRY", 0)
    monkeypatch.setattr("mllmu.inference.endpoint.server._RETRIES", 0)
    with judging() as running:
        yield running


@pytest.fixture
def evaluated(tmp_path):
    """An evaluation of two free answers, by face and by name, and a missing one."""
    folder = tmp_path / "asked"
    asked = {
        "question": "What is her job?",
        "answer": "A baker.",
        "value": "baker",
        "attribute": "profession",
    }
    rows = [
        {"profile_id": "001", "modality": "text", "response": "A baker.", **asked},
        {"profile_id": "001", "modality": "image_text", "response": "A cook.", **asked},
        {"profile_id": "002", "modality": "text", "response": None, **asked},
    ]
    write_records(frame(*rows), folder / "records" / "npo.parquet")
    cell = {"eval_set": "forget", "modality": "text", "task": "generation", "metric": "rougeL_f", "view": ""}
    whose = {**KEYS, "protocol": "strict", "further_steps": "", "benchmark": "0123"}
    numbers = {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75, "n": 2}
    pd.DataFrame([{**whose, **cell, **numbers}]).to_parquet(folder / "results.parquet")
    return folder


def ask(folder, server, *options, **further):
    cache = folder.parent / "verdicts.sqlite"
    return invoke("judge", "ask", folder, "--url", server.url, "--cache", cache, *options, **further)


def scores(folder):
    results = pd.read_parquet(folder / "results.parquet")
    return {(row.metric, row.modality): row.value for row in results.itertuples() if row.value == row.value}


def test_both_modalities_are_scored_apart_and_what_was_there_stays(evaluated, server):
    server.troubles = ['{"reason": "right", "score": 9}', '{"reason": "wrong", "score": 2}']
    result = ask(evaluated, server, "--yes", "--concurrency", 1)
    assert result.exit_code == 0, result.output
    found_scores = scores(evaluated)
    assert found_scores["factuality", "text"] == 9 and found_scores["factuality", "image_text"] == 2
    assert found_scores["rougeL_f", "text"] == 0.5
    verdicts = pd.read_csv(evaluated / "verdicts.csv")
    assert list(verdicts.score) == [9, 2] and list(verdicts.reason) == ["right", "wrong"]
    assert set(verdicts.judge) == {"judge"}
    assert judges_of(evaluated) == ["judge"]


def test_the_cost_is_shown_and_nothing_is_asked_against_the_users_will(evaluated, server):
    result = ask(evaluated, server, "--price-in", 1000, "--price-out", 1000, input="n\n")
    assert result.exit_code == 2 and not server.requests
    assert "2 answers to ask about" in result.output and "at most 200.00" not in result.output
    assert "price about" in result.output and "Nothing was asked" in result.output


def test_failures_are_shown_and_made_up_for_later(evaluated, server):
    server.troubles = [500]
    result = ask(evaluated, server, "--yes", "--concurrency", 1)
    assert result.exit_code == 0 and "1 of 2 answers have no score" in " ".join(result.output.split())
    records = read_records(evaluated / "records" / "npo.parquet")
    assert records.judge_score.isna().sum() == 2 and "1 answers to ask about" not in result.output
    again = ask(evaluated, server, "--yes")
    assert "1 answers to ask about" in again.output and len(server.requests) == 3
    assert scores(evaluated)["factuality", "image_text"] == 7


def test_replies_without_a_score_count_as_unread(evaluated, server):
    server.troubles = ["no idea"] * 2
    assert ask(evaluated, server, "--yes", "--concurrency", 1).exit_code == 0
    assert scores(evaluated)["factuality_unread", "text"] == 100


def test_a_server_that_scores_nothing_changes_nothing(evaluated, server):
    before = (evaluated / "results.parquet").read_bytes()
    server.troubles = [401] * 9
    result = ask(evaluated, server, "--yes")
    assert result.exit_code == 2 and "scored none of 2 answers" in " ".join(result.output.split())
    assert (evaluated / "results.parquet").read_bytes() == before


def test_an_evaluation_without_free_answers_has_nothing_to_judge(evaluated, server):
    file = evaluated / "records" / "npo.parquet"
    write_records(read_records(file).assign(task="cloze"), file)
    before = contents(evaluated)
    result = ask(evaluated, server, "--yes")
    sentence = f"{evaluated} holds no free answers; expected an evaluation with generation questions."
    assert result.exit_code == 2 and sentence in " ".join(result.output.split())
    assert contents(evaluated) == before and not server.requests


def test_of_several_evaluations_none_is_picked(evaluated, server):
    records = evaluated / "records"
    write_records(read_records(records / "npo.parquet"), records / "ga.parquet")
    result = ask(evaluated, server, "--yes")
    sentence = f"{evaluated} holds 2 records files; expected what mllmu evaluate wrote, which has one"
    assert result.exit_code == 2 and sentence in " ".join(result.output.split())
    assert not server.requests


def test_where_nobody_can_answer_the_question_about_cost_yes_is_named(evaluated, server):
    result = ask(evaluated, server, input="")
    assert result.exit_code == 2 and not server.requests
    assert "expected --yes where nobody can answer" in " ".join(result.output.split())


def test_one_price_alone_is_refused_before_the_server_is_asked(evaluated):
    """Nobody listens at this port."""
    given = ("--url", "http://localhost:9/v1", "--yes", "--price-in", 1)
    for command in (("ask", evaluated), ("calibrate",), ("llava", evaluated)):
        result = invoke("judge", *command, *given)
        assert result.exit_code == 2 and "expected both, or none" in " ".join(result.output.split())


def test_calibrating_the_rules_needs_no_server():
    result = invoke("judge", "calibrate", "--worst", 3)
    assert result.exit_code == 0, result.output
    assert "quadratic kappa: 0." in result.output and "Worst disagreements" in result.output


def test_calibrating_a_server(server, tmp_path):
    """It gives everything the same 7, which agrees with nobody."""
    cache = tmp_path / "verdicts.sqlite"
    result = invoke("judge", "calibrate", "--url", server.url, "--cache", cache, "--yes", "--worst", 1)
    assert result.exit_code == 0, result.output
    assert "judge: judge; pairs:" in result.output and "quadratic kappa: 0.000" in result.output


def test_brackets_in_a_reply_are_no_markup(server, tmp_path):
    """The judge was paid by then; and its colons are no emoji."""
    server.troubles = ['{"reason": "a [/INST] :cook:", "score": 1}'] * 200
    cache = tmp_path / "verdicts.sqlite"
    result = invoke(
        "judge",
        "calibrate",
        "--url",
        server.url,
        "--cache",
        cache,
        "--yes",
        "--worst",
        1,
        env={"COLUMNS": "200"},
    )
    assert result.exit_code == 0, result.output
    assert "[/INST]" in result.output and ":cook:" in result.output  # a narrow table breaks the line


def test_options_of_a_server_without_one_are_refused():
    """The rules' agreement would pass for the named judge's."""
    for option in (("--model-name", "x"), ("--price-in", 1)):
        result = invoke("judge", "calibrate", *option)
        assert result.exit_code == 2 and "expected --url beside them" in " ".join(result.output.split())


def test_an_unknown_half_is_refused():
    result = invoke("judge", "calibrate", "--half", "better")
    assert result.exit_code == 2 and "'better' is no half" in " ".join(result.output.split())
