"""Protects the mean accuracy: which scores are in it, what each counts, and what its interval is over."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mllmu.evaluation import ALL, MEAN_ACCURACY, score
from mllmu.evaluation.scoring.proportion import clustered_proportion
from tests.evaluation.rows import frame

PEOPLE = [str(number) for number in range(12)]


def asked(
    person: str, task: str, right: bool, modality: str = "text", view: str = "", protocol: str = "strict"
) -> dict[str, object]:
    return {
        "profile_id": person,
        "question_id": f"{person}/{task}/{modality}",
        "task": task,
        "modality": modality,
        "view": view,
        "protocol": protocol,
        "answer": "Riga",
        "value": "Riga",
        "response": "Riga" if right else "Oslo",
    }


def means(records: pd.DataFrame) -> dict[str, pd.Series]:
    """The rows of means by modality, of the one set asked about."""
    scores = score(records)
    rows = scores[(scores["metric"] == MEAN_ACCURACY) & (scores["task"] == ALL) & (scores["view"] == "")]
    return {row["modality"]: row for _, row in rows.iterrows()}


def test_means_over_tasks_and_over_both_modalities() -> None:
    """Cloze 100 and generation 50 by name, cloze 0 with the picture: 75 by name and 50 of all three."""
    rows = [asked(person, "cloze", True) for person in PEOPLE]
    rows += [asked(person, "generation", int(person) % 2 == 0) for person in PEOPLE]
    rows += [asked(person, "cloze", False, "image_text", "original") for person in PEOPLE]
    found = means(frame(*rows))
    assert {name: row["value"] for name, row in found.items()} == {"text": 75, ALL: pytest.approx(50)}
    assert (found["text"]["n"], found["text"]["n_people"]) == (24, 12)
    assert (found[ALL]["n"], found[ALL]["n_people"]) == (36, 12)
    assert found["text"]["ci_low"] < 75 < found["text"]["ci_high"]


def test_the_interval_is_over_people_not_over_questions() -> None:
    """Twelve people who know all or nothing: two tasks are no more evidence than one."""
    rows = [
        asked(person, task, int(person) % 2 == 0) for person in PEOPLE for task in ("cloze", "generation")
    ]
    mean = means(frame(*rows))["text"]
    one_task = clustered_proportion([100.0, 0.0] * 6, PEOPLE)
    assert mean["ci_high"] - mean["ci_low"] == pytest.approx(one_task.high - one_task.low, rel=0.06)
    independent = clustered_proportion([100.0, 0.0] * 12, range(24))
    assert mean["ci_high"] - mean["ci_low"] > 1.3 * (independent.high - independent.low)


def test_other_views_and_single_scores_are_no_part_of_a_mean() -> None:
    rows = [asked(person, "cloze", True) for person in PEOPLE]
    assert means(frame(*rows)) == {}
    blurred = [asked(person, "cloze", False, "image_text", "blurred") for person in PEOPLE]
    assert means(frame(*rows, *blurred)) == {}


def test_without_one_of_its_parts_there_is_no_mean() -> None:
    """Written answers that are missing would leave a mean of classification alone, under the same name."""
    rows = [asked(person, "cloze", True) for person in PEOPLE]
    rows += [{**asked(person, "generation", True), "response": None} for person in PEOPLE]
    scored = {"answer_log_probs": [-0.1, -0.2]}
    mean = means(frame(*({**row, **scored} for row in rows)))["text"]
    assert math.isnan(mean["value"]) and mean["missing"] == "no accuracy of text/generation is there"


def test_there_is_no_mean_of_a_protocol_that_is_not_here() -> None:
    rows = [asked("1", task, True, protocol="own") for task in ("cloze", "generation")]
    assert means(frame(*rows)) == {}


def test_a_single_person_has_a_mean_but_no_interval() -> None:
    mean = means(frame(*(asked("1", task, True) for task in ("cloze", "generation"))))["text"]
    assert (mean["value"], mean["n_people"]) == (100, 1)
    assert math.isnan(mean["ci_low"])


def test_what_can_be_seen_has_no_mean() -> None:
    """It is scored, but it is no knowledge: a mean would stand beside those of what is known."""
    rows = [
        {**asked(person, task, True, "image_text", "original"), "eval_set": "perception"}
        for person in PEOPLE
        for task in ("cloze", "generation")
    ]
    scores = score(frame(*rows))
    assert MEAN_ACCURACY not in set(scores["metric"])
    assert "generation_contains" in set(scores["metric"])
