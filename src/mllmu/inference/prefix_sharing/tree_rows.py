"""Branches laid out in rows: trees of symbols, of which each sees itself and those before it on its branch.

A row of "ab" followed by "c" or "d" has the nodes a b c d; c sees a b c, and d sees a b d.

Legend of shapes: n nodes of a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mllmu.inference.prefix_sharing.prefix_tree import Branch
from mllmu.inference.prefix_sharing.symbol_sequences import Symbols, SymbolSequence

# Rows with room that a branch may still join; more of them hardly fill rows better.
_OPEN = 64


@dataclass(frozen=True, eq=False)
class Row:
    """A forest of symbols that follow one prefix.

    Attributes:
        symbols: [n] those before others on a branch come first.
        positions: [axes, n] where they are placed.
        depths: [n] how many symbols come before each, the prefix included.
        stretches: neighbours on one branch, and the nodes before them on it.
        members: each sequence with its nodes, in order; the prefix has none.
    """

    symbols: Symbols
    positions: Symbols
    depths: Symbols
    stretches: tuple[tuple[slice, Symbols], ...]
    members: tuple[tuple[SymbolSequence, Symbols], ...]

    def sees(self) -> NDArray[np.bool_]:
        """[n, n] true where a node sees another; made anew each time, for of many rows it is a lot."""
        seen = np.zeros((len(self), len(self)), bool)
        for here, before in self.stretches:
            seen[here, before] = True
            seen[here, here] = np.tri(here.stop - here.start, dtype=bool)
        return seen

    def __len__(self) -> int:
        return len(self.symbols)

    def predicting(self, sequence: SymbolSequence, nodes: Symbols) -> Symbols:
        """Those of a member's nodes that predict its answer."""
        return nodes[len(nodes) - (len(sequence.symbols) - sequence.first) :]


def line(symbols: Symbols, positions: Symbols, start: int) -> Row:
    """Symbols one after the other, the first of which has `start` before it."""
    count = len(symbols)
    nowhere = np.zeros(0, np.int64)
    return Row(symbols, positions, start + np.arange(count), ((slice(0, count), nowhere),), ())


def row_of(branches: Sequence[Branch]) -> Row:
    """Branches that follow the same prefix as one row."""
    size = sum(branch.size for branch in branches)
    symbols, depths = np.zeros(size, np.int64), np.zeros(size, np.int64)
    positions = np.zeros((len(branches[0].positions), size), np.int64)
    stretches: list[tuple[slice, Symbols]] = []
    members: list[tuple[SymbolSequence, Symbols]] = []
    filled = 0

    def lay(branch: Branch, before: Symbols) -> None:
        nonlocal filled
        here = slice(filled, filled + len(branch.symbols))
        filled = here.stop
        symbols[here], positions[:, here] = branch.symbols, branch.positions
        depths[here] = branch.start + np.arange(len(branch.symbols))
        stretches.append((here, before))
        path = np.concatenate([before, np.arange(here.start, here.stop)])
        members.extend((sequence, path) for sequence in branch.ended)
        for following in branch.branches:
            lay(following, path)

    for branch in branches:
        lay(branch, np.zeros(0, np.int64))
    return Row(symbols, positions, depths, tuple(stretches), tuple(members))


def rows_of(branches: Iterable[Branch], width: int) -> list[Row]:
    """Rows of at most `width` nodes that hold the branches; a larger branch has a row of its own."""
    rows: list[list[Branch]] = []
    room: list[int] = []
    for branch in sorted(branches, key=lambda one: one.size, reverse=True):
        start = max(0, len(rows) - _OPEN)
        place = next((place for place in range(start, len(rows)) if room[place] >= branch.size), len(rows))
        if place == len(rows):
            rows.append([])
            room.append(width)
        rows[place].append(branch)
        room[place] -= branch.size
    return [row_of(row) for row in rows]
