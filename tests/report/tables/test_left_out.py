"""Protects: whatever was measured stands in some table."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from rich.console import Console

from mllmu.report.intervals import bracketed
from mllmu.report.numbers.scores import Score, Scores
from mllmu.report.tables.formats.latex import escape
from mllmu.report.tables.formats.terminal import TerminalGrid
from mllmu.report.tables.paper_table import grids_of, metric_grids_of
from tests.report.world import make_results


def titles(results: pd.DataFrame) -> dict[str, list[str]]:
    scores = Scores(results)
    grids = [*grids_of(scores), *metric_grids_of(scores)]
    return {
        grid.name: [row.title for block in grid.blocks for row in (*block.references, *block.methods)]
        for grid in grids
    }


@pytest.mark.parametrize("references", [True, False])
def test_a_model_known_only_after_a_further_step_has_a_row(references: bool) -> None:
    """An evaluation of a relearned model alone, its parent not evaluated."""
    results = make_results((10,), ("both",), ("npo",))
    relearned = results[results["method"] == "npo"].assign(further_steps="relearn_retain")
    parts = [results[results["method"] == ""], relearned] if references else [relearned]
    rows = titles(pd.concat(parts, ignore_index=True))["forget_10-both"]
    assert any("NPO" in title for title in rows)


def test_sets_that_no_other_table_has_are_in_the_table_of_all_else() -> None:
    """Accuracies about holdout people have the names of those that others' tables show."""
    rows = titles(make_results((10,), ("both",), ("npo",)))["forget_10-both-metrics"]
    assert any("Holdout" in title for title in rows)
    assert not any(", Forget" in title or ", Retain" in title for title in rows)


def test_letters_at_chance_are_in_the_table_of_all_else() -> None:
    """Their own table is left out there."""
    results = make_results((10,), ("both",), ("npo",))
    letters = results[results["task"] == "classification"].assign(value=25.0, ci_low=20.0, ci_high=30.0)
    named = [letters.assign(metric=name) for name in ("letter_accuracy", "letter_likelihood_accuracy")]
    tables = titles(pd.concat([results, *named], ignore_index=True))
    assert "forget_10-both-letters" not in tables
    assert any("etter" in title for title in tables["forget_10-both-metrics"])


@pytest.mark.parametrize("end", [math.inf, -math.inf, math.nan])
def test_an_end_that_is_no_number_is_unknown(end: float) -> None:
    assert bracketed(Score(5.0, 1.0, end, 10), 1) == "[–]"
    assert bracketed(Score(5.0, end, 9.0, 10), 1) == "[–]"


def test_text_of_others_steers_neither_a_terminal_nor_a_page_of_latex() -> None:
    results = make_results((10,), ("both",), ("npo",))
    results.loc[results["method"] == "npo", "unlearn_modality"] = "\x1b]0;owned"
    console = Console(width=200, record=True, color_system=None, force_terminal=False)
    for grid in grids_of(Scores(results)):
        console.print(TerminalGrid(grid))
    assert "\x1b" not in console.export_text()
    assert escape("one\n\ntwo\x1b") == r"one two\textbackslash{}x1b"
