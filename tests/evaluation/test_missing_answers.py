"""Protects: an answer that a server did not give is never scored, neither as wrong nor as right."""

import json

import numpy as np
import pytest

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation import (
    MEAN_ACCURACY,
    METRICS,
    STRICT,
    ask,
    lacks_answer,
    missing_answers_warning,
    missing_likelihoods_warning,
    question_values,
    score,
)
from mllmu.evaluation.protocols.official.judgements import Judgement, judged
from mllmu.evaluation.protocols.official.official_files import final_results, generations
from mllmu.evaluation.records import read_records, write_records
from tests.evaluation.people import BENCHMARK, SPLIT
from tests.evaluation.rows import frame, means
from tests.evaluation.test_asking import KnowsRiga

ITEMS = STRICT.items(BENCHMARK, [SPLIT])[SPLIT.forget_ratio]
OF_WRITING = {
    "generation_contains",
    "cloze_contains",
    "cloze_exact",
    "bleu",
    "letter_accuracy",
    "letter_invalid",
}
OF_WRITING |= {"refusal_rate", "gibberish_rate", "factuality_rules"}
OF_WRITING |= {"rouge1_f", "rouge2_f", "rougeL_f", "rouge1_recall", "rougeL_recall"}


class SaysNothing(KnowsRiga):
    """An engine whose server gives no answer at all, or none to the first questions."""

    def __init__(self, missing=10**6):
        super().__init__()
        self.missing = missing

    def generate(self, requests, scored=None, progress=None):
        answers = super().generate(requests, scored, progress)
        return [None if number < self.missing else text for number, text in enumerate(answers)]


def test_missing_answers_stay_missing_on_disk_and_have_no_score(tmp_path):
    write_records(ask(SaysNothing(), ITEMS, STRICT), tmp_path / "records.parquet")
    records = read_records(tmp_path / "records.parquet")
    assert lacks_answer(records).all()
    scored = set(question_values(records)["metric"])
    assert not scored & OF_WRITING
    assert "option_likelihood_accuracy" in scored
    given = ask(KnowsRiga(), ITEMS, STRICT)
    assert not lacks_answer(given).any()
    assert set(question_values(given)["metric"]) >= OF_WRITING


def test_what_is_missing_is_left_out_of_n():
    tables = [means(score(ask(engine, ITEMS, STRICT))) for engine in (KnowsRiga(), SaysNothing(3))]
    given, some = ({name: part["n"].sum() for name, part in table.groupby("metric")} for table in tables)
    fewer = {name: given[name] - some[name] for name in given if given[name] != some[name]}
    assert fewer and set(fewer) <= OF_WRITING | {MEAN_ACCURACY} and all(count > 0 for count in fewer.values())


@pytest.mark.parametrize("metric", METRICS.all(), ids=lambda metric: metric.name)
@pytest.mark.parametrize("missing", [None, float("nan")])
def test_no_metric_stumbles_over_a_missing_answer(metric, missing):
    empty = {"response": missing, "chosen_letter": missing, "answer": "Riga", "value": "Riga"}
    values = metric.compute(frame({**empty, "task": metric.tasks[0].value, "correct_option": "A"}))
    assert np.isnan(values).all()


def test_the_warning_counts_what_is_missing():
    given = [{"response": "Riga"}] * 99
    assert missing_answers_warning(frame(*given, {"response": None})) == ""
    assert missing_answers_warning(frame({"response": ""})) == ""
    letters = {"chosen_letter": None, "task": "classification"}
    warning = missing_answers_warning(frame(*given, {"response": None}, letters))
    assert warning.startswith("2 of 101 answers (2.0%) are missing (1 classification, 1 generation)")


def test_likelihoods_that_are_no_numbers_are_told():
    """Whatever was not scored lacks nothing."""
    options = {"task": "classification", "option_log_probs": [-1.0, float("nan")], "option_lengths": [1, 1]}
    fine = {"task": "generation", "answer_log_probs": [-1.0, -2.0]}
    assert missing_likelihoods_warning(frame(fine, {"task": "cloze"})) == ""
    null = {"task": "cloze", "option_log_probs": float("nan")}  # as pandas may have a null
    assert missing_likelihoods_warning(frame(fine, null)) == ""
    warning = missing_likelihoods_warning(frame(fine, options, {**fine, "answer_log_probs": [float("nan")]}))
    assert warning.startswith("2 of 3 questions (66.7%) have a likelihood that is no number")
    assert "(1 classification, 1 generation)" in warning


def test_the_official_files_leave_it_out():
    rows = [{"response": text, "answer": "in Riga", "profile_id": text} for text in ("in Riga", None)]
    cloze = [{"response": text, "answer": "Riga", "task": "cloze"} for text in ("Riga", None)]
    records = frame(*rows, *cloze)
    asked = generations(records, EvaluationSet.FORGET)["Generation_Questions"]
    assert [one["generated_answer"] for one in asked] == ["in Riga"]
    results = json.loads(json.dumps(final_results(records)))
    assert "NaN" not in json.dumps(results)
    forget = next(iter(results.values()))
    assert forget["fill_in_the_blank"]["pure_text_accuracy"] == 100
    given = judged(records, EvaluationSet.FORGET, [Judgement("in Riga", "", 7, None)])
    assert given["judge_score"].tolist()[0] == 7 and given["judge_score"].notna().sum() == 1
