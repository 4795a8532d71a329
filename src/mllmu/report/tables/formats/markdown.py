"""A table as GitHub Markdown: one table per evaluation modality."""

from __future__ import annotations

from mllmu.markdown_text import plain_markdown
from mllmu.report.tables.grid import Cell, Grid, Mark, Row

_WRAPS = {Mark.PLAIN: "{}", Mark.BEST: "**{}**"}


def to_markdown(grid: Grid) -> str:
    """Return the table with its heading and caption, ending in a newline."""
    headings = [f"{group.title} {name}".strip() for group in grid.groups for name in group.columns]
    lines = [f"### {plain_markdown(grid.title)}", ""]
    for block in grid.blocks:
        counted = [
            f"{plain_markdown(heading)}" + (f"<br>n={count}" if count else "")
            for heading, count in zip(headings, block.counts, strict=True)
        ]
        lines += [
            f"**{plain_markdown(block.title)}**",
            "",
            _line(["", *counted]),
            _line(["---", *["---:"] * len(counted)]),
            *(_row(row) for row in (*block.references, *block.methods)),
            "",
        ]
    return "\n".join([*lines, plain_markdown(grid.caption), ""])


def _row(row: Row) -> str:
    return _line([plain_markdown(row.title), *(_cell(cell) for cell in row.cells)])


def _cell(cell: Cell) -> str:
    text = _WRAPS[cell.mark].format(cell.text)
    if cell.interval:
        text += f" {plain_markdown(cell.interval)}"
    return " ".join([text, *(flag.value for flag in cell.flags)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
