"""Protects: the report says who was asked for letters."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.report.numbers.letters_asked import asked_for_letters, letters_note
from mllmu.report.numbers.scores import Scores
from mllmu.unlearning.lineage import VANILLA_LINEAGE


@pytest.mark.parametrize(
    ("models", "note"),
    [
        ((), "not asked"),
        (("vanilla",), "asked of Vanilla alone"),
        (("vanilla", "retrained", "unlearned"), "asked of every model"),
    ],
)
def test_who_was_asked_for_letters_is_said(results: pd.DataFrame, models: tuple[str, ...], note: str) -> None:
    choices = results[(results["task"] == "classification") & results["model"].isin(models)]
    scores = Scores(pd.concat([results, choices.assign(metric="letter_accuracy")], ignore_index=True))
    assert letters_note(scores) == note
    if len(models) == 1:
        assert asked_for_letters(scores, scores.conditions[0]) == {VANILLA_LINEAGE}
