"""Protects: models are compared on the questions that both were asked, and on the same people to forget."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from mllmu.benchmark import EvaluationSet, Modality, Question, Task
from mllmu.errors import UserError
from mllmu.evaluation import Item
from mllmu.study.steps.other_evaluation import common_records, read_other
from tests.evaluation import rows

FORGET, RETAIN = EvaluationSet.FORGET, EvaluationSet.RETAIN


def asked(text: str = "Born in __.", **sets: EvaluationSet) -> list[Item]:
    """One question about each person, who counts in a set."""
    return [
        Item(Question(f"{name}/q", name, Task.CLOZE, Modality.TEXT, text, "Riga"), None, eval_set)
        for name, eval_set in sets.items()
    ]


def answered(items: Sequence[Item]) -> pd.DataFrame:
    return rows.answered(items, lambda item: f"about {item.question.profile_id}")


def test_other_people_to_forget_are_refused_of_the_retrained_model() -> None:
    """With another ratio it knew some of them; sets would be compared that hold hardly anybody."""
    before = answered(asked(a=FORGET, b=RETAIN, c=RETAIN))
    items = asked(a=FORGET, b=FORGET, c=RETAIN)
    with pytest.raises(UserError, match=r"--reference r counts b among retain, and .* among forget"):
        common_records(before, "--reference r", items)


def test_vanilla_is_read_under_the_sets_of_now(caplog: pytest.LogCaptureFixture) -> None:
    """It is one model whoever is to be forgotten."""
    before = answered(asked(a=FORGET, b=RETAIN, c=RETAIN))
    items = asked(a=FORGET, b=FORGET, c=RETAIN)
    records = common_records(before, "--vanilla v", items, same_sets=False)
    assert list(records["eval_set"]) == ["forget", "forget", "retain"]
    assert list(records["response"]) == ["about a", "about b", "about c"]
    assert not caplog.records


@pytest.mark.parametrize("more", ["now", "before"])
def test_questions_that_only_one_was_asked_are_told_and_left_out(
    more: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As with another --limit."""
    many, few = asked(a=FORGET, b=FORGET, c=RETAIN), asked(a=FORGET, c=RETAIN)
    before, items = (few, many) if more == "now" else (many, few)
    with caplog.at_level(logging.WARNING, "mllmu.study.steps.other_evaluation"):
        records = common_records(answered(before), "--reference r", items)
    assert list(records["response"]) == ["about a", "about c"]
    assert f"2 questions in common, of {len(before)} and {len(items)}" in caplog.text


@pytest.mark.parametrize(
    "before",
    [asked(d=FORGET), asked("Lives in __.", a=FORGET)],
    ids=["nobody in common", "ids of others"],
)
def test_other_questions_are_refused(before: list[Item]) -> None:
    with pytest.raises(UserError, match="r asked other questions"):
        common_records(answered(before), "r", asked(a=FORGET, b=RETAIN), same_sets=False)


def test_a_missing_folder_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--reference .*gone: no such folder; expected"):
        read_other(tmp_path / "gone", "strict", "--reference")
