"""Greedy decoding of all answers to the requests of a batch of rows, in parallel.

Answers to requests of one row share the row's key-value cache: a generated token attends to the tokens of its
own prompt and of its own answer only.

Legend of shapes: r rows, l answers of a row, w unfinished answers of a row, c columns of the key-value cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from mllmu.inference.in_memory.entry import Entry, Generated
from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.prefix_sharing.key_value_cache import KeyValueCache
from mllmu.inference.prefix_sharing.prefix_reader import PrefixReader
from mllmu.inference.request import Stop
from mllmu.models.packing.tree_rows import TreeRow

# Tokens for which memory is allocated at first if an answer will be short.
_SHORT = 4
# Finished rows are dropped when at most this share of the rows is unfinished.
_ACTIVE = 0.5


@dataclass
class _Answer:
    """An answer being generated, for all entries with the same input.

    Attributes:
        row: index of its row in the batch.
        slot: index of the answer in its row.
        node: index in the row of the token that predicts its first token.
        depth: number of tokens before its next token in the sequence.
        position: position id of its next token.
        entries: the entries it answers.
        tokens: token ids generated so far.
    """

    row: int
    slot: int
    node: int
    depth: int
    position: int
    entries: list[Entry] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)

    def finished(self, rule: StopRule) -> bool:
        """Whether no entry needs further tokens."""
        return all(
            rule.truncate(self.tokens, entry.request.stop, entry.tokens_left)[1] for entry in self.entries
        )

    def results(self, rule: StopRule) -> list[Generated]:
        """Each entry's index with its answer's token ids."""
        return [
            (entry.index, rule.truncate(self.tokens, entry.request.stop, entry.tokens_left)[0])
            for entry in self.entries
        ]


def columns_needed(row: TreeRow[Entry]) -> int:
    """Upper estimate of the cache columns that a row and the answers to its members need."""
    longest = max(_expected(sequence.entry) for sequence, _ in row.members)
    return len(row) + len(row.members) * longest


def generate_rows(
    reader: PrefixReader, rows: Sequence[TreeRow[Entry]], rule: StopRule, batch_tokens: int
) -> list[list[Generated]]:
    """Generate an answer to each member of each row; by row, the entries' indices with token ids.

    Args:
        reader: holds the prefix that the rows follow.
        rows: rows, the longest first.
        rule: decides when an answer is complete.
        batch_tokens: maximum tokens of a forward pass over the rows.
    """
    answers = [_answers(index, row) for index, row in enumerate(rows)]
    growth = max(columns_needed(row) - len(row) for row in rows)
    cache = reader.row_cache(len(rows), len(rows[0]) + growth)
    for part in _passes(rows, batch_tokens):
        cache.rows, cache.start = part, reader.length
        _begin(reader, rows[part], answers[part], cache)
        cache.zero(part, slice(reader.length + len(rows[part.start]), reader.length + len(rows[0])))
    cache.rows, cache.start = slice(0, len(rows)), reader.length + len(rows[0])
    _DecodingState(reader, rows, answers, cache).finish(rule)
    return [[one for answer in row for one in answer.results(rule)] for row in answers]


class _DecodingState:
    """Rows with unfinished answers, and what their next tokens attend to."""

    def __init__(
        self,
        reader: PrefixReader,
        rows: Sequence[TreeRow[Entry]],
        answers: Sequence[Sequence[_Answer]],
        cache: KeyValueCache,
    ) -> None:
        self._reader = reader
        self._cache = cache
        self._axes = len(rows[0].positions)
        self._open = [answer for row in answers for answer in row]
        before, size = reader.length, cache.start
        self._depths = np.zeros((len(rows), size), np.int64)
        self._depths[:, :before] = np.arange(before)
        # [r, l, c] true where the next token of an answer attends to a column.
        self._visible = np.zeros((len(rows), max(map(len, answers)), size), bool)
        self._visible[:, :, :before] = True
        for index, row in enumerate(rows):
            self._depths[index, before : before + len(row)] = row.depths
            nodes = [answer.node for answer in answers[index]]
            self._visible[index, : len(nodes), before : before + len(row)] = reader.visible(row)[nodes]

    def finish(self, rule: StopRule) -> None:
        """Generate tokens until all answers are finished."""
        while True:
            self._open = [answer for answer in self._open if not answer.finished(rule)]
            if not self._open:
                return
            self._drop_rows()
            self._generate()

    def _drop_rows(self) -> None:
        """Drop rows without unfinished answers if they are many."""
        rows = sorted({answer.row for answer in self._open})
        if len(rows) > _ACTIVE * len(self._visible):
            return
        self._cache.select_rows(torch.tensor(rows))
        self._visible, self._depths = self._visible[rows], self._depths[rows]
        new_index = {row: index for index, row in enumerate(rows)}
        for answer in self._open:
            answer.row = new_index[answer.row]

    def _generate(self) -> None:
        """Generate one token of every unfinished answer."""
        count, before = len(self._visible), self._visible.shape[2]
        row = np.array([answer.row for answer in self._open])
        slot = np.array([answer.slot for answer in self._open])
        # Answers are ordered by row; each gets the next free column of its row.
        column = np.arange(len(row)) - np.searchsorted(row, row)
        width = int(column.max()) + 1
        symbols, depths = np.zeros((count, width), np.int64), np.zeros((count, width), np.int64)
        positions = np.zeros((self._axes, count, width), np.int64)
        symbols[row, column] = [answer.tokens[-1] for answer in self._open]
        depths[row, column] = [answer.depth for answer in self._open]
        positions[:, row, column] = [answer.position for answer in self._open]
        self._visible = np.concatenate(
            [self._visible, np.zeros((*self._visible.shape[:2], width), bool)], axis=2
        )
        self._visible[row, slot, before + column] = True
        visible = np.zeros((count, width, before + width), bool)
        visible[row, column] = self._visible[row, slot]
        self._depths = np.concatenate([self._depths, depths], axis=1)
        needed = torch.from_numpy(row * width + column)
        logits = self._reader.forward(symbols, positions, visible, depths, self._depths, self._cache, needed)
        self._cache.start += width
        self._reader.counts.written += count * width
        for answer, token in zip(self._open, logits.argmax(dim=-1).tolist(), strict=True):
            answer.tokens.append(token)
            answer.depth += 1
            answer.position += 1


def _answers(index: int, row: TreeRow[Entry]) -> list[_Answer]:
    """The answers to generate in a row; entries with equal input share one."""
    by_node: dict[int, _Answer] = {}
    for sequence, nodes in row.members:
        node = int(nodes[-1])
        if node not in by_node:
            depth, position = int(row.depths[node]) + 1, int(row.positions[:, node].max()) + 1
            by_node[node] = _Answer(index, len(by_node), node, depth, position)
        by_node[node].entries.append(sequence.entry)
    return list(by_node.values())


def _begin(
    reader: PrefixReader,
    rows: Sequence[TreeRow[Entry]],
    answers: Sequence[Sequence[_Answer]],
    cache: KeyValueCache,
) -> None:
    """Compute rows, and generate the first token of each answer."""
    longest = max(map(len, rows))
    starting = [(index, answer) for index, row in enumerate(answers) for answer in row]
    needed = torch.tensor([index * longest + answer.node for index, answer in starting])
    logits = reader.read(rows, cache, needed)
    for (_, answer), token in zip(starting, logits.argmax(dim=-1).tolist(), strict=True):
        answer.tokens.append(token)


def _passes(rows: Sequence[TreeRow[Entry]], batch_tokens: int) -> Iterator[slice]:
    """Slices of neighbouring rows for one forward pass each."""
    start = 0
    while start < len(rows):
        stop = start + max(1, batch_tokens // len(rows[start]))
        yield slice(start, min(stop, len(rows)))
        start = stop


def _expected(entry: Entry) -> int:
    """Number of tokens to allocate memory for."""
    return entry.tokens_left if entry.request.stop is Stop.END_TOKEN else min(entry.tokens_left, _SHORT)
