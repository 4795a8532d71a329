"""A table as GitHub Markdown: one table per evaluation modality."""

from __future__ import annotations

import html
import re

from mllmu.report.tables.grid import Cell, Grid, Mark, Row

_WRAPS = {Mark.PLAIN: "{}", Mark.BEST: "**{}**"}


def to_markdown(grid: Grid) -> str:
    """Return the table with its heading and caption, ending in a newline."""
    headings = [f"{group.title} {name}".strip() for group in grid.groups for name in group.columns]
    lines = [f"### {_escape(grid.title)}", ""]
    for block in grid.blocks:
        counted = [
            f"{_escape(heading)}" + (f"<br>n={count}" if count else "")
            for heading, count in zip(headings, block.counts, strict=True)
        ]
        lines += [
            f"**{_escape(block.title)}**",
            "",
            _line(["", *counted]),
            _line(["---", *["---:"] * len(counted)]),
            *(_row(row) for row in (*block.references, *block.methods)),
            "",
        ]
    return "\n".join([*lines, _escape(grid.caption), ""])


def _row(row: Row) -> str:
    return _line([_escape(row.title), *(_cell(cell) for cell in row.cells)])


def _cell(cell: Cell) -> str:
    text = _WRAPS[cell.mark].format(cell.text)
    if cell.interval:
        text += f" {_escape(cell.interval)}"
    return " ".join([text, *(flag.value for flag in cell.flags)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """Take the meaning from everything Markdown or HTML would act on."""
    one_line = " ".join(html.escape(text, quote=False).split())
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", one_line)
