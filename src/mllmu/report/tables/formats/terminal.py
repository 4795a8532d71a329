"""A table in the terminal: as many sets side by side as fit, the others below."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mllmu.report.tables.grid import Cell, Grid, Mark, Row
from mllmu.visible_text import visible

_STYLES = {Mark.PLAIN: "", Mark.BEST: "bold"}


@dataclass(frozen=True)
class TerminalGrid:
    """A rich renderable that splits a wide table by its column groups."""

    grid: Grid

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the title, the parts that fit the console's width, and the caption."""
        yield Text(visible(self.grid.title), style="bold")
        count = len(self.grid.groups)
        sizes = [math.ceil(count / parts) for parts in range(1, count)]
        per_part = next((size for size in sizes if self._fits(size, console, options)), 1)
        for first in range(0, count, per_part):
            yield _table(self.grid.slice(first, first + per_part))
        yield Text(visible(self.grid.caption), style="dim")

    def _fits(self, per_part: int, console: Console, options: ConsoleOptions) -> bool:
        """Whether every part of so many groups can be shown without wrapping."""
        unbounded = options.update(max_width=10_000)
        return all(
            Measurement.get(console, unbounded, _table(self.grid.slice(first, first + per_part))).maximum
            <= options.max_width
            for first in range(0, len(self.grid.groups), per_part)
        )


def _table(grid: Grid) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_header=True)
    table.add_column("", no_wrap=True)
    columns = [(group, name) for group in grid.groups for name in group.columns]
    for group, name in columns:
        heading = group.title if name is group.columns[0] else ""
        table.add_column(Text(visible(f"{heading}\n{name}")), justify="right", no_wrap=True)
    for block in grid.blocks:
        # One below the other, as value and interval are: a line of them would be wider than its numbers.
        counts = [
            Text(f"n={count}".replace(", ", "\n") if count else "", style="dim") for count in block.counts
        ]
        table.add_row(Text(visible(block.title), style="italic"), *counts)
        for row in block.references:
            table.add_row(*_texts(row))
        table.add_section()
        for row in block.methods:
            table.add_row(*_texts(row))
        table.add_section()
    return table


def _texts(row: Row) -> list[Text]:
    return [Text(visible(row.title)), *(_text(cell) for cell in row.cells)]


def _text(cell: Cell) -> Text:
    text = Text(cell.signs, style="red")
    text.append(cell.text, style=_STYLES[cell.mark])
    if cell.interval:
        text.append(f"\n{cell.interval}", style="dim")
    return text
