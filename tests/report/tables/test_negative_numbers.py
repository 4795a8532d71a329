"""Protects: a minus stays a minus in every format, and what is printed as zero has none."""

from __future__ import annotations

import pytest

from mllmu.report.intervals import bracketed, rounded, with_interval
from mllmu.report.numbers.scores import Score
from mllmu.report.tables.formats.latex import _cell
from mllmu.report.tables.grid import Cell


@pytest.mark.parametrize(
    ("score", "decimals", "printed", "latex"),
    [
        (Score(-7.5, -12.1, -3.2, 9), 1, "[-13, -3]", r"$-$7.5 {\scriptsize [$-$13, $-$3]}"),
        (Score(-2.31, -3.04, -1.62, 9), 2, "[-3.1, -1.6]", r"$-$2.31 {\scriptsize [$-$3.1, $-$1.6]}"),
        (Score(6.0, -1.0, 13.0, 9), 1, "[-1–13]", r"6.0 {\scriptsize [$-$1--13]}"),
        (Score(84.6, 69.0, 100.0, 9), 1, "[69–100]", r"84.6 {\scriptsize [69--100]}"),
        (Score(-0.04, -0.3, -0.01, 9), 1, "[-1–0]", r"0.0 {\scriptsize [$-$1--0]}"),
    ],
)
def test_intervals_below_zero(score: Score, decimals: int, printed: str, latex: str) -> None:
    """In LaTeX a dash before a minus is a longer dash: [-13---3] was read as one that contains 0."""
    assert bracketed(score, decimals) == printed
    assert _cell(Cell(score, decimals)) == latex
    assert "---" not in _cell(Cell(score, decimals))


def test_zero_has_no_minus() -> None:
    assert rounded(-0.04, 1) == "0.0" and rounded(-0.06, 1) == "-0.1"
    assert Cell(Score(-0.04, -1, 1, 9), 1).text == "0.0"
    assert with_interval(Score(-0.04, -1, 1, 9)) == "0.0 [-1–1]"
