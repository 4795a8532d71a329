"""Protects what is read off the facts nearest to those to be forgotten: which questions, and hand values."""

import numpy as np
import pytest

from mllmu.evaluation import score
from mllmu.evaluation.set_metrics.kept_facts import mean_of_parts
from mllmu.evaluation.set_metrics.over_forgetting import OVER_FORGETTING, points_lost
from mllmu.evaluation.set_metrics.same_fact_accuracy import SAME_FACT_ACCURACY
from tests.evaluation.set_metrics.models import answer, frame, models
from tests.evaluation.set_metrics.test_aggregates import cloze


def asked(*right):
    """Birthplaces are to be forgotten of 1 and 2; right says what of the rest is answered rightly."""
    rows = {
        "other facts": ("1", "2"),
        "others": ("3", "4"),
        "other facts of others": ("3",),
    }
    records = [cloze(person, "Oslo") for person in ("1", "2")]
    for name, people in rows.items():
        for person in people:
            attribute = "birthplace" if name == "others" else "pet"
            eval_set = "same_person" if name == "other facts" else "retain"
            response = "Riga" if (name, person) in right else "Oslo"
            records.append(cloze(person, response, "text", attribute, eval_set))
    by_face = cloze("3", "Riga", "image_text", "birthplace", "retain")
    return frame(*records, by_face)


VANILLA = asked(("other facts", "1"), ("other facts", "2"), ("others", "3"), ("others", "4"))
MODEL = asked(("other facts", "2"), ("others", "3"), ("other facts of others", "3"))


def numbers(metric, of_models):
    return {
        (one.eval_set, one.modality, one.of): metric.statistic(*one.columns)
        for one in metric.samples(of_models)
    }


def test_parts_count_the_same_and_absent_ones_nothing():
    values, parts = np.array([100.0, 0, 50, 100]), np.array([0.0, 0, 0, 2])
    assert mean_of_parts(values, parts) == 75
    assert points_lost(values - 10, values, parts) == pytest.approx(10)


def test_the_same_fact_of_others_is_what_is_forgotten_of_nobody_to_retain():
    """Birthplaces of 3 and 4: by name one of two, by face one of one; 3's pet counts nowhere."""
    assert numbers(SAME_FACT_ACCURACY, models(MODEL)) == {
        ("retain", "text", ""): 50,
        ("retain", "image_text", ""): 100,
        ("retain", "all", ""): 75,
    }


def test_over_forgetting_is_what_vanilla_knew_more():
    """Of the same people one of two pets; of others one of two birthplaces by name, none by face."""
    assert numbers(OVER_FORGETTING, models(MODEL, vanilla=VANILLA)) == {
        ("same_person", "text", "other_facts"): 50,
        ("same_person", "all", "other_facts"): 50,
        ("retain", "text", "other_people"): 50,
        ("retain", "image_text", "other_people"): 0,
        ("retain", "all", "other_people"): 25,
    }


def test_results_hold_both_with_intervals_over_people_and_neither_for_whole_people():
    scores = score(MODEL, vanilla=VANILLA)
    lost = scores[(scores["metric"] == "over_forgetting(other_facts)") & (scores["modality"] == "all")]
    assert lost[["eval_set", "value", "n", "n_people"]].values.tolist() == [["same_person", 50.0, 2, 2]]
    assert (lost["ci_low"].iloc[0], lost["ci_high"].iloc[0]) == (0, 100)
    whole = MODEL[MODEL["eval_set"] != "same_person"]
    named = set(score(whole, vanilla=VANILLA)["metric"].str.split("(", regex=False).str[0])
    assert not named & {"over_forgetting", "same_fact_accuracy"}
    without = score(MODEL)
    missing = without.loc[without["metric"] == "over_forgetting", "missing"]
    assert missing.tolist() == ["there are no records of the vanilla model"]


def test_vanilla_has_to_be_asked_the_same_of_kept_facts():
    """An evaluation under another request lacks what it did not ask."""
    fewer = VANILLA[VANILLA["eval_set"] != "same_person"]
    assert "question 1/text/pet" in models(MODEL, vanilla=fewer).reasons.popitem()[1]


def test_answers_that_no_protocol_counts_give_nothing():
    records = frame(answer("1", [-1.0]), answer("1", [-1.0], "same_person", question_id="1/1", protocol="x"))
    assert numbers(SAME_FACT_ACCURACY, models(records)) == {}
