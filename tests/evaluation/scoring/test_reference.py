"""Protects scores that are read against a reference: the right answers are compared, or none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mllmu.benchmark.types import Task
from mllmu.errors import UserError
from mllmu.evaluation import METRICS, Direction, Metric, Unit, compare, score
from mllmu.evaluation.metrics.cloze import cloze_contains
from mllmu.evaluation.scoring.bootstrap import clustered_mean, clustered_statistic
from tests.evaluation.rows import frame

GAP = Metric(
    "gap",
    "Gap to the reference",
    (Task.CLOZE,),
    Unit.PER_CENT,
    cloze_contains,
    direction=Direction.LOWER,
    needs_reference=True,
    summarise=lambda values, reference: float(np.abs(values - reference).max()),
)
SPREAD = Metric(
    "spread",
    "Spread",
    (Task.CLOZE,),
    Unit.PER_CENT,
    cloze_contains,
    summarise=lambda values, _: np.ptp(values),
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two more metrics, for as long as a test runs."""
    METRICS.names()
    monkeypatch.setattr(METRICS, "_entries", {**METRICS._entries, GAP.name: GAP, SPREAD.name: SPREAD})
    yield


def cloze(person: str, response: str, eval_set: str = "forget") -> dict[str, object]:
    which = {"profile_id": person, "question_id": person, "question": f"Born in __, {person}?"}
    return {**which, "task": "cloze", "answer": "Riga", "response": response, "eval_set": eval_set}


def value(scores, metric: str, eval_set: str = "forget") -> float:
    (row,) = scores[(scores["metric"] == metric) & (scores["eval_set"] == eval_set)].to_dict("records")
    return row["value"]


def test_every_answer_is_compared_with_that_to_the_same_question() -> None:
    """In whatever order the reference answered: it differs for the second person only."""
    records = frame(cloze("1", "Riga"), cloze("2", "Riga"), cloze("3", ""))
    reference = frame(cloze("3", ""), cloze("2", ""), cloze("1", "Riga"))
    assert value(score(records, 0, reference), "gap") == 100
    assert value(score(records, 0, records), "gap") == 0


def test_without_a_reference_there_is_no_such_score_and_no_other_changes() -> None:
    records = frame(cloze("1", "Riga"), cloze("2", ""))
    alone, beside = score(records), score(records, 0, records)
    assert "gap" not in set(alone["metric"])
    assert alone.equals(beside[beside["metric"] != "gap"].reset_index(drop=True))


def test_a_reference_that_was_not_asked_the_same_is_refused() -> None:
    """A mean over what is left would look like a score of everything."""
    records = frame(cloze("1", "Riga"), cloze("2", "Riga"))
    with pytest.raises(UserError, match="no value of metric 'gap' for question '2'"):
        score(records, 0, frame(cloze("1", "Riga")))


def test_a_score_may_be_another_summary_than_the_mean() -> None:
    """From 0 to 100; a difference of means between two models says nothing about it."""
    records = frame(cloze("1", "Riga"), cloze("2", ""))
    assert value(score(records), "spread") == 100
    assert not {"spread", "gap"} & set(compare(records, records)["metric"])


def test_a_metric_that_needs_a_reference_says_how_it_compares() -> None:
    with pytest.raises(ValueError, match="'lost' needs a reference"):
        Metric("lost", "Lost", (Task.CLOZE,), Unit.PER_CENT, cloze_contains, needs_reference=True)


def test_the_interval_of_a_mean_is_that_of_the_bootstrap_of_means() -> None:
    """Resampling people by hand and by sums draws the same people."""
    values, people = np.array([0.0, 1, 1, 0, 1, 1, 0]), list("aabbccd")
    plain = clustered_mean(values, people, seed=3)
    general = clustered_statistic(lambda values, _: float(values.mean()), values, None, people, seed=3)
    assert (general.value, general.n) == (plain.value, plain.n)
    assert (general.low, general.high) == pytest.approx((plain.low, plain.high))


def test_one_person_per_value_is_expected() -> None:
    with pytest.raises(ValueError, match="expected one person and one reference value per value"):
        clustered_statistic(lambda values, _: 0.0, np.array([1.0, 2.0]), None, ["a"], seed=0)
    nothing = clustered_statistic(lambda values, _: 0.0, np.array([]), None, [], seed=0)
    assert nothing.n == 0
    assert np.isnan(nothing.value)
