"""Prefix trees packed into rows for tree attention: a token attends to what precedes it on its branch.

A row of "ab" followed by "c" or "d" has the tokens a b c d; c attends to a b c, and d to a b d.

Legend of shapes: n tokens of a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from mllmu.models.packing.symbol_sequences import EntryT, Symbols, SymbolSequence


@dataclass(frozen=True, eq=False)
class TreeRow(Generic[EntryT]):
    """Trees of symbols, flattened into one row that follows a shared prefix.

    Attributes:
        symbols: [n] input symbols; a symbol comes after all those before it on its branch.
        positions: [axes, n] position ids.
        depths: [n] number of symbols before each in its sequence, the prefix included.
        stretches: runs of neighbours on one branch, each with the indices of those before it on the branch.
        members: each sequence with the indices of its symbols in the row, in order, without the prefix.
    """

    symbols: Symbols
    positions: Symbols
    depths: Symbols
    stretches: tuple[tuple[slice, Symbols], ...]
    members: tuple[tuple[SymbolSequence[EntryT], Symbols], ...]

    def causal(self) -> NDArray[np.bool_]:
        """[n, n] true where a token attends to another; computed at each call, as it needs much memory."""
        visible = np.zeros((len(self), len(self)), bool)
        for here, before in self.stretches:
            visible[here, before] = True
            visible[here, here] = np.tri(here.stop - here.start, dtype=bool)
        return visible

    def __len__(self) -> int:
        return len(self.symbols)

    def predicting(self, sequence: SymbolSequence[EntryT], indices: Symbols) -> Symbols:
        """Those of a member's indices whose outputs predict its answer."""
        return indices[len(indices) - (len(sequence.symbols) - sequence.first) :]


def linear_row(symbols: Symbols, positions: Symbols, start: int) -> TreeRow[Any]:
    """A row of a single sequence [n] at positions [axes, n], with `start` symbols before it."""
    count = len(symbols)
    nothing = np.zeros(0, np.int64)
    return TreeRow(symbols, positions, start + np.arange(count), ((slice(0, count), nothing),), ())
