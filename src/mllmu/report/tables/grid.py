"""A table before it is rendered: cells with numbers and marks, rows, blocks and column groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from mllmu.report.intervals import UNKNOWN, bracketed, rounded
from mllmu.report.numbers.scores import Score

DASH = "–"


class Mark(Enum):
    """How a cell stands among the methods of its column."""

    PLAIN = "plain"
    BEST = "best"


class Flag(Enum):
    """A sign beside a number; the value is what is printed."""

    DAMAGED = "▼"
    OVER_FORGOTTEN = "▽"
    NOTHING = "∅"

    @property
    def meaning(self) -> str:
        """In words, for those who cannot see the sign."""
        return {"▼": "utility lost", "▽": "forgot too much", "∅": "nothing to forget"}[self.value]


@dataclass(frozen=True)
class Cell:
    """One number of a table.

    Attributes:
        score: the number and its interval; None where nothing was measured.
        decimals: digits after the point.
        mark: whether it is nearest to retrained, or not told from the nearest.
        damaged: whether a utility score fell further below vanilla than is tolerated.
        over_forgotten: whether it is significantly below retrained about people to forget.
        nothing_to_forget: whether it is vanilla's and does not beat retrained about people to forget.
    """

    score: Score | None
    decimals: int
    mark: Mark = Mark.PLAIN
    damaged: bool = False
    over_forgotten: bool = False
    nothing_to_forget: bool = False

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The signs beside the number."""
        flags = ((Flag.DAMAGED, self.damaged), (Flag.OVER_FORGOTTEN, self.over_forgotten))
        return tuple(flag for flag, is_set in (*flags, (Flag.NOTHING, self.nothing_to_forget)) if is_set)

    @property
    def signs(self) -> str:
        """The signs as text; empty for most cells."""
        return "".join(flag.value for flag in self.flags)

    @property
    def text(self) -> str:
        """The value as it is printed; a dash where there is none."""
        return DASH if self.score is None else rounded(self.score.value, self.decimals)

    @property
    def interval(self) -> str:
        """The 95 % interval as it is printed, ``[69–100]``; empty where nothing was measured."""
        return bracketed(self.score, self.decimals)

    @property
    def details(self) -> str:
        """The interval's two ends and the number of questions and people, in words."""
        if self.score is None:
            return "not measured"
        asked = f"n = {self.score.n}"
        if self.score.n_people:
            asked += f", {_counted(self.score.n_people)}"
        if self.interval == UNKNOWN:
            return asked
        low, high = (f"{end:.{self.decimals}f}" for end in (self.score.low, self.score.high))
        return f"95 % interval {low} to {high}, {asked}"


@dataclass(frozen=True)
class Row:
    """One model: its name, and its cells in the order of the columns."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """The rows of one evaluation modality.

    Attributes:
        title: what the questions showed.
        counts: for each column, what was asked about how many (``210, 10 people``); empty if nothing.
        references: rows above the rule: vanilla, retrained.
        methods: rows below the rule.
    """

    title: str
    counts: tuple[str, ...]
    references: tuple[Row, ...]
    methods: tuple[Row, ...]


@dataclass(frozen=True)
class ColumnGroup:
    """Columns under one heading.

    Attributes:
        title: the evaluation set.
        columns: headings of the columns.
    """

    title: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A whole table.

    Attributes:
        name: a short name, fit for a file: letters, digits, ``-`` and ``_``.
        title: heading.
        caption: what the numbers and marks mean.
        groups: headings of the columns, left to right.
        blocks: rows, top to bottom, by evaluation modality.
    """

    name: str
    title: str
    caption: str
    groups: tuple[ColumnGroup, ...]
    blocks: tuple[Block, ...]

    def slice(self, first: int, last: int) -> Grid:
        """Return the table with only the column groups ``first`` to ``last`` (exclusive)."""
        start = sum(len(group.columns) for group in self.groups[:first])
        stop = start + sum(len(group.columns) for group in self.groups[first:last])

        def cut(rows: tuple[Row, ...]) -> tuple[Row, ...]:
            return tuple(Row(row.title, row.cells[start:stop]) for row in rows)

        blocks = tuple(
            Block(each.title, each.counts[start:stop], cut(each.references), cut(each.methods))
            for each in self.blocks
        )
        return replace(self, groups=self.groups[first:last], blocks=blocks)


def count_questions(cells: Sequence[Cell]) -> str:
    """Return how many questions, about how many people, stand behind a column's cells.

    It is ``210, 10 people``, or ``200–210, 10 people`` where cells differ; questions alone where the people
    were not counted; empty if nothing was measured.
    """
    scores = [cell.score for cell in cells if cell.score is not None]
    if not scores:
        return ""
    questions, people = ([getattr(each, name) for each in scores] for name in ("n", "n_people"))
    return f"{_span(questions)}, {_counted(*people)}" if max(people) else _span(questions)


def _counted(*people: int) -> str:
    return f"{_span(people)} {'person' if max(people) == 1 else 'people'}"


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(least) if least == most else f"{least}–{most}"
