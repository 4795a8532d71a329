"""The prefix tree of input sequences: each branch is a run of symbols that several sequences share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic

import numpy as np

from mllmu.models.packing.symbol_sequences import EntryT, Symbols, SymbolSequence


@dataclass(frozen=True, eq=False)
class Branch(Generic[EntryT]):
    """A run of symbols shared by sequences, and the branches by which they continue.

    Attributes:
        symbols: [n] symbols shared by all sequences of the branch.
        positions: [axes, n] their position ids.
        start: number of symbols before this branch, shared as well.
        ended: the sequences that end with this branch.
        branches: continuations of the other sequences.
        size: number of symbols of this branch and of all that continue it.
        first: smallest index of a symbol whose output is needed, in the sequences of the branch.
    """

    symbols: Symbols
    positions: Symbols
    start: int
    ended: tuple[SymbolSequence[EntryT], ...]
    branches: tuple[Branch[EntryT], ...]
    size: int
    first: int

    @classmethod
    def joining(
        cls,
        symbols: Symbols,
        positions: Symbols,
        start: int,
        ended: tuple[SymbolSequence[EntryT], ...],
        branches: tuple[Branch[EntryT], ...],
    ) -> Branch[EntryT]:
        """Make a branch, and compute its `size` and `first`."""
        size = len(symbols) + sum(branch.size for branch in branches)
        first = min([one.first for one in ended] + [branch.first for branch in branches])
        return cls(symbols, positions, start, ended, branches, size, first)

    def without(self, count: int) -> tuple[Branch[EntryT], ...]:
        """The branches that remain without the first `count` symbols."""
        if count == len(self.symbols) and not self.ended:
            return self.branches
        return (
            replace(
                self,
                symbols=self.symbols[count:],
                positions=self.positions[:, count:],
                start=self.start + count,
                size=self.size - count,
            ),
        )

    def parted(self, width: int) -> tuple[Branch[EntryT], ...]:
        """Split into branches that each repeat the symbols of this one before some of its continuations.

        Args:
            width: maximum size up to which continuations are put together; a larger one stays alone.
        """
        groups: list[list[Branch[EntryT]]] = [[]]
        free = width - len(self.symbols)
        for branch in self.branches:
            if groups[-1] and branch.size > free:
                groups.append([])
                free = width - len(self.symbols)
            groups[-1].append(branch)
            free -= branch.size
        return tuple(
            self._with(group, self.ended if index == 0 else ()) for index, group in enumerate(groups)
        )

    def _with(
        self, branches: list[Branch[EntryT]], ended: tuple[SymbolSequence[EntryT], ...]
    ) -> Branch[EntryT]:
        """This branch with only some continuations; a single one is merged with it."""
        if len(branches) == 1 and not ended:
            (only,) = branches
            symbols = np.concatenate([self.symbols, only.symbols])
            positions = np.concatenate([self.positions, only.positions], axis=1)
            return Branch.joining(symbols, positions, self.start, only.ended, only.branches)
        return Branch.joining(self.symbols, self.positions, self.start, ended, tuple(branches))


def build_prefix_tree(sequences: Sequence[SymbolSequence[EntryT]]) -> tuple[Branch[EntryT], ...]:
    """Build the prefix tree of sequences, in which every common prefix occurs once; its top branches."""
    ordered = sorted(sequences, key=lambda one: one.symbols.tobytes())
    shared = [0, *(_alike(left.symbols, right.symbols) for left, right in pairwise(ordered))]
    return _parts(ordered, np.array(shared), 0)


def _parts(
    ordered: Sequence[SymbolSequence[EntryT]], shared: Symbols, start: int
) -> tuple[Branch[EntryT], ...]:
    """Branches of sequences that have `start` symbols in common.

    Args:
        ordered: sequences, sorted so that common prefixes are adjacent.
        shared: for each, the length of its common prefix with the sequence before it.
        start: length of the common prefix of all.
    """
    borders = [0, *(index for index in range(1, len(ordered)) if shared[index] <= start), len(ordered)]
    return tuple(
        _branch(ordered[low:high], shared[low:high], start) for low, high in pairwise(borders) if high > low
    )


def _branch(ordered: Sequence[SymbolSequence[EntryT]], shared: Symbols, start: int) -> Branch[EntryT]:
    """The branch of sequences that have more than `start` symbols in common."""
    here = ordered[0]
    end = min([len(here.symbols), *shared[1:].tolist()])
    ended = tuple(one for one in ordered if len(one.symbols) == end)
    further = [index for index, one in enumerate(ordered) if len(one.symbols) > end]
    branches = _parts([ordered[index] for index in further], shared[further], end) if further else ()
    return Branch.joining(here.symbols[start:end], here.positions[:, start:end], start, ended, branches)


def _alike(left: Symbols, right: Symbols) -> int:
    """Length of the common prefix of two sequences."""
    length = min(len(left), len(right))
    differ = left[:length] != right[:length]
    return int(differ.argmax()) if differ.any() else length
