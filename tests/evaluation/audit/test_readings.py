"""Protects that all metrics are read the same way round: more is more known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mllmu.evaluation.audit.readings import Reading, TaskNumber, knowledge_by_metric, readings
from mllmu.evaluation.set_metrics.set_metric import Models
from tests.evaluation.set_metrics.models import answer, frame, models

HOLDOUT = [answer("8", [-3.0], "holdout"), answer("9", [-3.5], "holdout")]


def model(*log_probs: float) -> pd.DataFrame:
    """Answers about persons 1 and up, so likely, and about two that nobody was taught."""
    about = [answer(str(number + 1), [log_prob]) for number, log_prob in enumerate(log_probs)]
    return frame(*about, *HOLDOUT)


def known(own: pd.DataFrame, retrained: pd.DataFrame, vanilla: pd.DataFrame) -> dict[str, float]:
    return knowledge_by_metric(readings(models(own, retrained, vanilla)))


def test_a_model_that_knows_reads_higher_by_whatever_metric_says_anything() -> None:
    vanilla, retrained, other = model(-0.1, -0.2), model(-3.1, -3.2), model(-3.0, -3.3)
    knowing, not_knowing = known(vanilla, retrained, vanilla), known(other, retrained, vanilla)
    told = [name for name, number in knowing.items() if number > not_knowing[name]]
    assert {
        "answer_probability",
        "ks_distance(answer_probability)",
        "membership_auc(loss)",
        "privacy_leakage(min_k)",
    } <= set(told)
    assert not [name for name, number in knowing.items() if number < not_knowing[name]]


def test_what_should_be_as_retrained_is_read_as_the_distance_from_it() -> None:
    """Both answers above both others: 1. Of the retrained model 1 of 4 pairs: .25. A model below: 0."""
    retrained = model(-3.2, -4.0)
    assert known(model(-0.1, -0.2), retrained, model(-0.1, -0.2))["membership_auc(loss)"] == 0.75
    assert known(model(-9.0, -9.0), retrained, model(-0.1, -0.2))["membership_auc(loss)"] == 0.25


def test_normalised_numbers_are_left_out_as_they_only_repeat_their_metric() -> None:
    vanilla, retrained = model(-0.1, -0.2), model(-3.1, -3.2)
    assert not [name for name in known(vanilla, retrained, vanilla) if name.startswith("normalised")]


def test_without_references_there_are_the_metrics_that_need_none() -> None:
    alone = models(model(-0.1, -0.2))
    own = readings(Models(alone.model, alone.model))
    assert {"answer_probability", "ks_distance(answer_probability)"} <= {one.metric for one in own}


def test_people_count_as_often_as_is_said() -> None:
    """Values 1 and 4 of person a, 10 of b: mean 5; with b twice and a not at all 10."""
    cell = TaskNumber("cloze", np.mean, (np.array([1.0, 4.0, 10.0]),), ["a", "a", "b"])
    reading = Reading("m", "text", abs, (cell,))
    assert reading.knowledge() == 5
    assert reading.knowledge({"a": 0, "b": 2}) == 10
    assert reading.knowledge({"a": 2, "b": 1}) == 4
    assert np.isnan(reading.knowledge({"a": 0, "b": 0}))


def test_a_metric_with_numbers_for_both_ways_of_asking_is_their_mean_unless_it_has_one_for_both() -> None:
    cells = {value: (TaskNumber("cloze", np.mean, (np.array([value]),), ["a"]),) for value in (1.0, 3.0, 9.0)}
    by_face, by_name = (
        Reading("m", how, abs, cells[value]) for how, value in (("image_text", 1), ("text", 3))
    )
    assert knowledge_by_metric([by_face, by_name]) == {"m": 2}
    assert knowledge_by_metric([by_face, by_name, Reading("m", "all", abs, cells[9.0])]) == {"m": 9}


@pytest.mark.parametrize(("metric", "expected"), [("refusal_rate", -25), ("gibberish_rate", -50)])
def test_a_rate_that_is_to_be_low_reads_the_other_way_round(metric: str, expected: float) -> None:
    """One of four refuses, and two write nothing that is language."""
    written = ("I don't know.", "In Riga.", "", "la " * 9)
    about = [answer(str(number), [-0.1], response=text) for number, text in enumerate(written)]
    own = frame(*about, *HOLDOUT)
    assert known(own, own, own)[metric] == expected
