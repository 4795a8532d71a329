"""Protects: answers to LLaVA-Bench are rated by our judge, beside the reference answers of the benchmark."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.bridges.lmms_eval.llava_bench import judge_llava_bench, llava_answers
from mllmu.bridges.lmms_eval.llava_rubric import llava_messages
from mllmu.cli import app
from mllmu.errors import UserError
from mllmu.evaluation.judge.verdicts import JudgeVerdict, NoVerdict
from tests.bridges.lmms_eval.lmms_layout import write_results
from tests.evaluation.judge.asked.judging_server import judging

TASK = "llava_in_the_wild"


def sample(picture, category, given, reference):
    review = {"question": f"What is {picture}?", "context": f"captions of {picture}", "ans1": reference}
    review |= {"ans2": given, "category": f"llava_bench_{category}", "scores": [-1, -1], "content": "..."}
    return {"doc_id": 0, "gpt_eval_llava_all": review}


@pytest.fixture
def asked(tmp_path):
    """Two models; the judge below gives an answer the number in it."""
    rows = [sample("a", "conv", "2", "8"), sample("b", "conv", "4", "8"), sample("c", "detail", "6", "10")]
    write_results(tmp_path, {TASK: {}}, {TASK: rows})
    write_results(tmp_path, {TASK: {}}, {TASK: [sample("a", "conv", "9", "x")]}, model="ga")
    return tmp_path


class Reader:
    name = "reader"

    def judge(self, pairs, progress=None):
        return [
            JudgeVerdict(int(pair.given), "read") if pair.given.isdecimal() else NoVerdict("no number", True)
            for pair in pairs
        ]


def test_scores_are_absolute_and_relative_to_the_reference(asked):
    judged = judge_llava_bench(asked, llava_answers(asked), Reader())
    table = judged.scores.set_index(["model", "metric"])
    npo = table.loc["models/npo"]
    assert npo["value"].to_dict() == {
        "judge_score.all": 4.0,
        "judge_relative.all": pytest.approx(100 * 12 / 26),
        "judge_score.conv": 3.0,
        "judge_relative.conv": pytest.approx(100 * 6 / 16),
        "judge_score.detail": 6.0,
        "judge_relative.detail": pytest.approx(60),
    }
    low, high = npo.loc["judge_score.all", ["ci_low", "ci_high"]]
    assert 2 <= low < 4 < high <= 6 and npo.loc["judge_score.all", "n"] == 3
    assert npo.loc["judge_score.detail", "note"] == "too few pictures, or all alike"


def test_what_has_no_verdict_is_counted_and_left_out(asked):
    judged = judge_llava_bench(asked, llava_answers(asked), Reader())
    assert (judged.judged, judged.problems) == (7, {"no number": 1})
    assert set(judged.scores["model"]) == {"models/npo"}
    verdicts = pd.read_csv(asked / "llava_verdicts.csv")
    assert verdicts["score"].tolist() == [9, 2, 4, 6] and verdicts["reference_score"].isna().sum() == 1


def test_a_judge_that_says_nothing_is_an_error(asked):
    answers = [one for one in llava_answers(asked) if one.model == "models/ga"]
    silent = type("Silent", (), {"name": "s", "judge": lambda _, pairs, __: [NoVerdict("off", False)] * 2})()
    with pytest.raises(UserError, match="scored none of 2 answers: off"):
        judge_llava_bench(asked, answers, silent)
    assert not (asked / "llava_verdicts.csv").exists()


@pytest.mark.parametrize("review", [None, {"question": "?"}, {**sample("a", "conv", "1", "2"), "ans2": 3}])
def test_damaged_samples_are_told(tmp_path, review):
    write_results(tmp_path, {TASK: {}}, {TASK: [{"gpt_eval_llava_all": review}]})
    with pytest.raises(UserError, match=r"Sample 1 of llava_in_the_wild .* lacks one of the texts"):
        llava_answers(tmp_path)


def test_other_tasks_are_no_answers(tmp_path):
    write_results(tmp_path, {"mme": {}}, {"mme": [{"score": 1}]})
    with pytest.raises(UserError, match="holds no answers to LLaVA-Bench"):
        llava_answers(tmp_path)


def test_the_command_asks_with_the_fitting_rubric(asked, monkeypatch):
    with judging() as server:
        cache = ["--cache", str(asked / "verdicts.sqlite")]
        result = CliRunner().invoke(app, ["judge", "llava", str(asked), "--url", server.url, "--yes", *cache])
        assert result.exit_code == 0, result.output
        systems = {request["messages"][0]["content"] for request in server.requests}
        users = [request["messages"][1]["content"] for request in server.requests]
    (pair,) = (one.given for one in llava_answers(asked) if one.model == "models/ga")
    assert systems == {llava_messages(pair)[0]["content"]} and len(users) == 8
    assert "Captions: captions of a\nQuestion: What is a?\nAnswer to rate: 9" in users
    assert json.dumps(users).count("Answer to rate: 8") == 2
    table = pd.read_parquet(asked / "llava_bench.parquet")
    assert set(table["value"]) == {7.0, 100.0}
