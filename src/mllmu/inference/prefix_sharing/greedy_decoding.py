"""Greedy decoding of all answers of a batch of rows, side by side.

Answers in one row share what the row holds: a token that is written sees the nodes before its answer and the
tokens of its own answer.

Legend of shapes: r rows, l answers of a row, w answers of a row that go on, c columns of what rows have read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from mllmu.inference.prefix_sharing.key_value_cache import KeyValues
from mllmu.inference.prefix_sharing.prefix_reader import Reader
from mllmu.inference.prefix_sharing.symbol_sequences import Entry
from mllmu.inference.prefix_sharing.tree_rows import Row
from mllmu.inference.request import Stop
from mllmu.inference.stop_rule import StopRule

Written = tuple[int, tuple[int, ...]]

# Tokens for which room is made at once where an answer will be short.
_SHORT = 4
# Rows that are done are dropped when at most this part of the rows still writes.
_ACTIVE = 0.5


@dataclass
class _Answer:
    """An answer that is being written, to all entries with the same tokens before it.

    Attributes:
        row: its row.
        slot: its number in the row.
        node: the node of the row that predicts its first token.
        depth: how many tokens come before its next token.
        position: where the next token is placed.
        entries: what it answers.
        tokens: what is written.
    """

    row: int
    slot: int
    node: int
    depth: int
    position: int
    entries: list[Entry] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)

    def over(self, rule: StopRule) -> bool:
        """Whether no entry needs more."""
        return all(rule.kept(self.tokens, entry.request.stop, room(entry))[1] for entry in self.entries)

    def kept(self, rule: StopRule) -> list[Written]:
        """For each entry its index and what it gets."""
        return [
            (entry.index, rule.kept(self.tokens, entry.request.stop, room(entry))[0])
            for entry in self.entries
        ]


def room(entry: Entry) -> int:
    """Most tokens that may follow what an entry has already."""
    return entry.request.max_new_tokens - len(entry.after)


def columns_needed(row: Row) -> int:
    """Columns of a row and of the answers to its members, where these are as long as they may be."""
    longest = max(_expected(sequence.entry) for sequence, _ in row.members)
    return len(row) + len(row.members) * longest


def write_rows(reader: Reader, rows: Sequence[Row], rule: StopRule, batch_tokens: int) -> list[list[Written]]:
    """What the model writes after each member of each row, with the entries' indices.

    Args:
        reader: has read the prefix that the rows follow.
        rows: the longest first.
        rule: knows when an answer is over.
        batch_tokens: most tokens read in one pass.
    """
    answers = [_answers(index, row) for index, row in enumerate(rows)]
    growth = max(columns_needed(row) - len(row) for row in rows)
    kept = reader.branched(len(rows), len(rows[0]) + growth)
    for part in _passes(rows, batch_tokens):
        kept.rows, kept.start = part, reader.length
        _begin(reader, rows[part], answers[part], kept)
        kept.blank(part, slice(reader.length + len(rows[part.start]), reader.length + len(rows[0])))
    kept.rows, kept.start = slice(0, len(rows)), reader.length + len(rows[0])
    _Desk(reader, rows, answers, kept).finish(rule)
    return [[one for answer in row for one in answer.kept(rule)] for row in answers]


class _Desk:
    """Rows with unfinished answers."""

    def __init__(
        self, reader: Reader, rows: Sequence[Row], answers: Sequence[Sequence[_Answer]], kept: KeyValues
    ) -> None:
        self._reader = reader
        self._kept = kept
        self._axes = len(rows[0].positions)
        self._open = [answer for row in answers for answer in row]
        before, size = reader.length, kept.start
        self._depths = np.zeros((len(rows), size), np.int64)
        self._depths[:, :before] = np.arange(before)
        # [r, l, c] true where the next token of an answer sees a column.
        self._seen = np.zeros((len(rows), max(map(len, answers)), size), bool)
        self._seen[:, :, :before] = True
        for index, row in enumerate(rows):
            self._depths[index, before : before + len(row)] = row.depths
            nodes = [answer.node for answer in answers[index]]
            self._seen[index, : len(nodes), before : before + len(row)] = reader.sees(row)[nodes]

    def finish(self, rule: StopRule) -> None:
        """Write until all answers are over."""
        while True:
            self._open = [answer for answer in self._open if not answer.over(rule)]
            if not self._open:
                return
            self._drop_rows()
            self._write()

    def _drop_rows(self) -> None:
        """Drop rows without open answers where there are many."""
        rows = sorted({answer.row for answer in self._open})
        if len(rows) > _ACTIVE * len(self._seen):
            return
        self._kept.keep(torch.tensor(rows))
        self._seen, self._depths = self._seen[rows], self._depths[rows]
        place = {row: index for index, row in enumerate(rows)}
        for answer in self._open:
            answer.row = place[answer.row]

    def _write(self) -> None:
        """Write one token of every open answer."""
        count, before = len(self._seen), self._seen.shape[2]
        row = np.array([answer.row for answer in self._open])
        slot = np.array([answer.slot for answer in self._open])
        # Answers stand row by row; each gets the next free place of its row.
        place = np.arange(len(row)) - np.searchsorted(row, row)
        width = int(place.max()) + 1
        symbols, depths = np.zeros((count, width), np.int64), np.zeros((count, width), np.int64)
        positions = np.zeros((self._axes, count, width), np.int64)
        symbols[row, place] = [answer.tokens[-1] for answer in self._open]
        depths[row, place] = [answer.depth for answer in self._open]
        positions[:, row, place] = [answer.position for answer in self._open]
        self._seen = np.concatenate([self._seen, np.zeros((*self._seen.shape[:2], width), bool)], axis=2)
        self._seen[row, slot, before + place] = True
        visible = np.zeros((count, width, before + width), bool)
        visible[row, place] = self._seen[row, slot]
        self._depths = np.concatenate([self._depths, depths], axis=1)
        looked = torch.from_numpy(row * width + place)
        logits = self._reader.step(symbols, positions, visible, depths, self._depths, self._kept, looked)
        self._kept.start += width
        self._reader.counts.written += count * width
        for answer, token in zip(self._open, logits.argmax(dim=-1).tolist(), strict=True):
            answer.tokens.append(token)
            answer.depth += 1
            answer.position += 1


def _answers(index: int, row: Row) -> list[_Answer]:
    """The answers to write in a row; requests that are alike get one."""
    found: dict[int, _Answer] = {}
    for sequence, nodes in row.members:
        node = int(nodes[-1])
        if node not in found:
            depth, position = int(row.depths[node]) + 1, int(row.positions[:, node].max()) + 1
            found[node] = _Answer(index, len(found), node, depth, position)
        found[node].entries.append(sequence.entry)
    return list(found.values())


def _begin(
    reader: Reader, rows: Sequence[Row], answers: Sequence[Sequence[_Answer]], kept: KeyValues
) -> None:
    """Read rows, and write the first token of each answer."""
    longest = max(map(len, rows))
    starting = [(place, answer) for place, row in enumerate(answers) for answer in row]
    places = torch.tensor([place * longest + answer.node for place, answer in starting])
    logits = reader.read(rows, kept, places)
    for (_, answer), token in zip(starting, logits.argmax(dim=-1).tolist(), strict=True):
        answer.tokens.append(token)


def _passes(rows: Sequence[Row], batch_tokens: int) -> Iterator[slice]:
    """Neighbouring rows that are read at once."""
    start = 0
    while start < len(rows):
        stop = start + max(1, batch_tokens // len(rows[start]))
        yield slice(start, min(stop, len(rows)))
        start = stop


def _expected(entry: Entry) -> int:
    """Tokens to make room for."""
    return room(entry) if entry.request.stop is Stop.END_TOKEN else min(room(entry), _SHORT)
