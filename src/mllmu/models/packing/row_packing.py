"""Packs the branches of a prefix tree into rows for tree attention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mllmu.models.packing.prefix_tree import Branch
from mllmu.models.packing.symbol_sequences import EntryT, Symbols, SymbolSequence
from mllmu.models.packing.tree_rows import TreeRow

# Only the newest rows are tried for free space; trying more hardly packs rows better.
_OPEN = 64


def pack_row(branches: Sequence[Branch[EntryT]]) -> TreeRow[EntryT]:
    """Flatten branches that follow the same prefix into one row."""
    size = sum(branch.size for branch in branches)
    symbols, depths = np.zeros(size, np.int64), np.zeros(size, np.int64)
    positions = np.zeros((len(branches[0].positions), size), np.int64)
    stretches: list[tuple[slice, Symbols]] = []
    members: list[tuple[SymbolSequence[EntryT], Symbols]] = []
    used = 0

    def append(branch: Branch[EntryT], before: Symbols) -> None:
        nonlocal used
        here = slice(used, used + len(branch.symbols))
        used = here.stop
        symbols[here], positions[:, here] = branch.symbols, branch.positions
        depths[here] = branch.start + np.arange(len(branch.symbols))
        stretches.append((here, before))
        path = np.concatenate([before, np.arange(here.start, here.stop)])
        members.extend((sequence, path) for sequence in branch.ended)
        for following in branch.branches:
            append(following, path)

    for branch in branches:
        append(branch, np.zeros(0, np.int64))
    return TreeRow(symbols, positions, depths, tuple(stretches), tuple(members))


def pack_rows(branches: Iterable[Branch[EntryT]], width: int) -> list[TreeRow[EntryT]]:
    """Pack branches into rows of at most `width` tokens; a larger branch gets a row of its own."""
    rows: list[list[Branch[EntryT]]] = []
    free: list[int] = []
    for branch in sorted(branches, key=lambda one: one.size, reverse=True):
        start = max(0, len(rows) - _OPEN)
        index = next((index for index in range(start, len(rows)) if free[index] >= branch.size), len(rows))
        if index == len(rows):
            rows.append([])
            free.append(width)
        rows[index].append(branch)
        free[index] -= branch.size
    return [pack_row(row) for row in rows]
