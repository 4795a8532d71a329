"""What sequences have in common: a tree whose branches are stretches of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from mllmu.inference.prefix_sharing.symbol_sequences import Symbols, SymbolSequence


@dataclass(frozen=True, eq=False)
class Branch:
    """Symbols that sequences share, and where these part.

    Attributes:
        symbols: [n] what all sequences here have after `start` symbols that they share as well.
        positions: [axes, n] where they are placed.
        start: how many symbols come before.
        ended: the sequences that end here.
        branches: how the others go on.
        size: symbols here and in all that follows.
        first: the first place at which a sequence here or further on predicts.
    """

    symbols: Symbols
    positions: Symbols
    start: int
    ended: tuple[SymbolSequence, ...]
    branches: tuple[Branch, ...]
    size: int
    first: int

    @classmethod
    def joining(
        cls,
        symbols: Symbols,
        positions: Symbols,
        start: int,
        ended: tuple[SymbolSequence, ...],
        branches: tuple[Branch, ...],
    ) -> Branch:
        """A branch of its parts."""
        size = len(symbols) + sum(branch.size for branch in branches)
        first = min([one.first for one in ended] + [branch.first for branch in branches])
        return cls(symbols, positions, start, ended, branches, size, first)

    def without(self, count: int) -> tuple[Branch, ...]:
        """What is left when the first symbols are dealt with."""
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

    def parted(self, width: int) -> tuple[Branch, ...]:
        """Branches that hold the same sequences, each with the symbols here once more.

        Args:
            width: size up to which they may be joined; what is larger stands alone.
        """
        groups: list[list[Branch]] = [[]]
        room = width - len(self.symbols)
        for branch in self.branches:
            if groups[-1] and branch.size > room:
                groups.append([])
                room = width - len(self.symbols)
            groups[-1].append(branch)
            room -= branch.size
        return tuple(
            self._with(group, self.ended if place == 0 else ()) for place, group in enumerate(groups)
        )

    def _with(self, branches: list[Branch], ended: tuple[SymbolSequence, ...]) -> Branch:
        """The symbols here before some of the branches; a single one becomes one with them."""
        if len(branches) == 1 and not ended:
            (only,) = branches
            symbols = np.concatenate([self.symbols, only.symbols])
            positions = np.concatenate([self.positions, only.positions], axis=1)
            return Branch.joining(symbols, positions, self.start, only.ended, only.branches)
        return Branch.joining(self.symbols, self.positions, self.start, ended, tuple(branches))


def shared_prefixes(sequences: Sequence[SymbolSequence]) -> tuple[Branch, ...]:
    """The tree of sequences in which whatever any two begin with stands once: its branches at the root."""
    ordered = sorted(sequences, key=lambda one: one.symbols.tobytes())
    shared = [0, *(_alike(left.symbols, right.symbols) for left, right in pairwise(ordered))]
    return _parts(ordered, np.array(shared), 0)


def _parts(ordered: Sequence[SymbolSequence], shared: Symbols, start: int) -> tuple[Branch, ...]:
    """Branches of sequences that have `start` symbols in common.

    Args:
        ordered: sequences, those that begin alike side by side.
        shared: of each, the symbols it begins with as the one before it does.
        start: symbols that all share.
    """
    borders = [0, *(place for place in range(1, len(ordered)) if shared[place] <= start), len(ordered)]
    return tuple(
        _branch(ordered[low:high], shared[low:high], start) for low, high in pairwise(borders) if high > low
    )


def _branch(ordered: Sequence[SymbolSequence], shared: Symbols, start: int) -> Branch:
    """The branch of sequences that have more than `start` symbols in common."""
    here = ordered[0]
    end = min([len(here.symbols), *shared[1:].tolist()])
    ended = tuple(one for one in ordered if len(one.symbols) == end)
    further = [place for place, one in enumerate(ordered) if len(one.symbols) > end]
    branches = _parts([ordered[place] for place in further], shared[further], end) if further else ()
    return Branch.joining(here.symbols[start:end], here.positions[:, start:end], start, ended, branches)


def _alike(left: Symbols, right: Symbols) -> int:
    """How many symbols two sequences begin with alike."""
    length = min(len(left), len(right))
    differ = left[:length] != right[:length]
    return int(differ.argmax()) if differ.any() else length
