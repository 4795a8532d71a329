"""Protects numbers of whole sets of answers: the right answers are compared, or a reason is given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from mllmu.evaluation import SET_METRICS, Goal, Models, ReferenceModel, SetMetric, SetSample, compare, score
from mllmu.evaluation.set_metrics.aligned_values import aligned, of_metric, samples_by_cell
from mllmu.evaluation.set_metrics.set_metric import to_everything
from tests.evaluation.rows import frame


def _samples(models: Models) -> Iterator[SetSample]:
    rows = aligned(models, of_metric("cloze_contains", ("forget", "retain")), ReferenceModel.RETRAINED)
    yield from samples_by_cell(rows, ("value", "retrained"))


GAP = SetMetric(
    "gap",
    "Gap to the reference",
    _samples,
    lambda values, reference: float(np.abs(values - reference).max()),
    Goal.ZERO,
    needs=(ReferenceModel.RETRAINED,),
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more set metric, for as long as a test runs."""
    SET_METRICS.names()
    monkeypatch.setattr(SET_METRICS, "_entries", {**SET_METRICS._entries, GAP.name: GAP})


def cloze(person: str, response: str, eval_set: str = "forget") -> dict[str, object]:
    which = {"profile_id": person, "question_id": person, "question": f"Born in __, {person}?"}
    return {**which, "task": "cloze", "answer": "Riga", "response": response, "eval_set": eval_set}


def gap(scores: pd.DataFrame) -> dict[str, object]:
    (row,) = scores[scores["metric"] == "gap"].to_dict("records")
    return row


def test_every_answer_is_compared_with_that_to_the_same_question() -> None:
    """In whatever order the reference answered: it differs for the second person only."""
    records = frame(cloze("1", "Riga"), cloze("2", "Riga"), cloze("3", ""))
    reference = frame(cloze("3", ""), cloze("2", ""), cloze("1", "Riga"))
    assert gap(score(records, 0, reference))["value"] == 100
    assert gap(score(records, 0, records))["value"] == 0


def test_whom_the_reference_has_under_another_set_is_found() -> None:
    """A person to forget under one ratio is to be retained under another."""
    records = frame(cloze("1", "Riga"), cloze("2", "Riga"))
    reference = frame(cloze("1", "Riga", "retain"), cloze("2", "", "retain"))
    row = gap(score(records, 0, reference))
    assert (row["value"], row["eval_set"], row["n"]) == (100, "forget", 2)


def test_without_a_reference_a_reason_stands_for_the_number() -> None:
    """And no other score changes."""
    records = frame(cloze("1", "Riga"), cloze("2", ""))
    alone, beside = score(records), score(records, 0, records)
    assert np.isnan(gap(alone)["value"])
    assert gap(alone)["missing"] == "there are no records of the retrained model"
    of_questions = "metric == 'cloze_contains'"
    pd.testing.assert_frame_equal(alone.query(of_questions), beside.query(of_questions))


def test_a_reference_that_was_not_asked_the_same_gives_a_reason() -> None:
    """A number of what is left would look like one of everything."""
    records = frame(cloze("1", "Riga"), cloze("2", "Riga"))
    row = gap(score(records, 0, frame(cloze("1", "Riga"))))
    assert np.isnan(row["value"])
    assert row["missing"] == "the retrained model was not asked question 2"


def test_every_metric_has_a_number_or_a_reason() -> None:
    """Of next to nothing: two answers, no holdout, no references; of whole people and of some facts."""
    records = frame(cloze("1", "Riga"), cloze("2", ""))
    named = {one.name for one in SET_METRICS.all() if one.applies is to_everything}
    assert set(SET_METRICS.names()) - named == {"over_forgetting", "same_fact_accuracy"}
    whole = score(records)
    assert {name.split("(")[0] for name in whole["metric"]} >= named
    scores = score(records.assign(eval_set=["forget", "same_person"]))
    assert set(SET_METRICS.names()) <= {name.split("(")[0] for name in scores["metric"]}
    assert ((scores["missing"] == "") == scores["value"].notna()).all()


def test_models_are_compared_by_means_of_questions_only() -> None:
    records = frame(cloze("1", "Riga"), cloze("2", ""))
    assert "gap" not in set(compare(records, records)["metric"])
