"""Protects: what is seen first is over what there is to forget, and says what it leaves out."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.report.findings.first_numbers import left_out_note, make_glance, make_tiles
from mllmu.report.numbers.scores import Scores
from mllmu.report.numbers.standings import standings
from tests.report.small_run import frames, joined
from tests.report.world import make_person_scores, make_results

SIX = (70, 72, 74, 76, 78, 80)
ANSWERS = {"vanilla": SIX, "retrained": [10] * 6, "npo:both": [12] * 6, "ga:both": [60] * 6}


RESULTS = make_results(ratios=(10,), unlearned_on=("both",), methods=("npo", "kl_min"))
PEOPLE = make_person_scores(RESULTS)


def with_one_empty_cell(frame):
    """Retrained knows of text cloze questions what vanilla knows."""
    is_cell = (frame[["eval_set", "modality", "metric"]] == ["forget", "text", "cloze_contains"]).all(axis=1)
    taken = frame[is_cell & (frame["model"] == "vanilla")].assign(model="retrained")
    kept = frame[~(is_cell & (frame["model"] == "retrained"))]
    return pd.concat([kept, taken], ignore_index=True)


def test_means_leave_out_what_there_is_nothing_to_forget_of():
    """Five of six accuracies are left, with an interval over people; of retain, nothing is left out."""
    scores = Scores(with_one_empty_cell(RESULTS), with_one_empty_cell(PEOPLE))
    condition = scores.conditions[0]
    assert left_out_note(scores, condition) == (
        "Means on forget leave out what there is nothing to forget of (∅): cloze (text)."
    )
    vanilla = RESULTS[(RESULTS["model"] == "vanilla") & (RESULTS["eval_set"] == "forget")]
    forget = vanilla[vanilla["task"] != "all"]
    counted = forget[
        (forget["metric"] != "rougeL_f") & ~((forget["task"] == "cloze") & (forget["modality"] == "text"))
    ]
    assert len(counted) == 5
    tile = make_tiles(scores, condition)[0]
    assert tile.title == "Vanilla on forget"
    assert float(tile.number) == pytest.approx(counted["value"].mean(), abs=0.05)
    assert "–" in tile.unit and tile.unit != "% [–]"
    glance = make_glance(scores, condition)
    assert glance.vanilla.startswith(tile.number)
    assert glance.note == left_out_note(scores, condition)


def test_nothing_is_left_out_where_there_is_something_to_forget():
    """The mean is then the one that was scored; without scores of people nobody can say that it is empty."""
    for scores in (Scores(RESULTS, PEOPLE), Scores(with_one_empty_cell(RESULTS))):
        condition = scores.conditions[0]
        assert left_out_note(scores, condition) == ""
        scored = RESULTS[(RESULTS["model"] == "vanilla") & (RESULTS["eval_set"] == "forget")]
        scored = scored[scored["modality"] == "all"]
        assert make_tiles(scores, condition)[0].number == f"{scored['value'].item():.1f}"


def test_the_empty_modality_pulls_no_mean_down():
    """Vanilla answers 75 % by name and, like retrained, 10 % with portraits: it knows 75 % of what counts."""
    empty = frames({**ANSWERS, "vanilla": [10] * 6}, modality="image_text")
    scores = joined(
        frames(ANSWERS), empty, frames(ANSWERS, "retain"), frames(ANSWERS, "retain", "image_text")
    )
    condition = scores.conditions[0]
    assert make_glance(scores, condition).vanilla.startswith("75.0")
    assert {each.lineage.method: each.forget.value for each in standings(scores, condition)} == {
        "npo": 12,
        "ga": 60,
    }
    assert "cloze (image + text)" in left_out_note(scores, condition)


def test_where_nothing_can_be_forgotten_there_is_no_mean():
    answers = {**ANSWERS, "vanilla": [10] * 6}
    scores = joined(frames(answers), frames(ANSWERS, "retain"))
    condition = scores.conditions[0]
    assert make_tiles(scores, condition) == []
    assert make_glance(scores, condition).vanilla == "–"
    assert [each.forget for each in standings(scores, condition)] == [None, None]
    assert "cloze (text)" in left_out_note(scores, condition)
