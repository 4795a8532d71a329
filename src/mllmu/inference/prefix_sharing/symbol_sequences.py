"""Requests as sequences of symbols: equal symbols stand for equal inputs of the language model.

A symbol is a token id, or, where an image's features stand, a negative number that is the feature's own. Two
prompts that show the same pictures then begin with the same symbols, and two that show others do not, though
their tokens are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mllmu.inference.prefix_sharing.image_features import Features
from mllmu.inference.prefix_sharing.position_ids import Positions
from mllmu.inference.request import Request
from mllmu.models import Encoder, Prompt

Symbols = NDArray[np.integer]
# Prompts with many pictures are long, and thousands of them are held at once.
_COMPACT = np.int32


@dataclass(frozen=True)
class Entry:
    """One request, worded and with tokens after its prompt.

    Attributes:
        index: place of the request in the caller's list.
        request: what was asked.
        prompt: what the model is given for it.
        after: the answer to score, the end token last; or the start of an answer that is known already.
    """

    index: int
    request: Request
    prompt: Prompt
    after: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SymbolSequence:
    """What the language model reads for one entry.

    Attributes:
        entry: the entry.
        symbols: [t] the prompt, and those tokens after it that predict something.
        positions: [axes, t] where the model places them.
        first: the place that predicts the first token looked for.
    """

    entry: Entry
    symbols: Symbols
    positions: Symbols
    first: int


def scored_sequences(
    entries: Sequence[Entry], encoder: Encoder, features: Features, positions: Positions
) -> list[SymbolSequence]:
    """Sequences whose places from the last of the prompt on predict the tokens after it."""
    return [
        SymbolSequence(entry, *extended(symbols, places, entry.after[:-1]), len(symbols) - 1)
        for entry, symbols, places in _prompts(entries, encoder, features, positions)
    ]


def begun_sequences(
    entries: Sequence[Entry], encoder: Encoder, features: Features, positions: Positions
) -> list[SymbolSequence]:
    """Sequences whose last place predicts the next token of the answer."""
    sequences = []
    for entry, symbols, places in _prompts(entries, encoder, features, positions):
        read, where = extended(symbols, places, entry.after)
        sequences.append(SymbolSequence(entry, read, where, len(read) - 1))
    return sequences


def extended(symbols: Symbols, positions: Symbols, tokens: Sequence[int]) -> tuple[Symbols, Symbols]:
    """Symbols [t] and positions [axes, t] with tokens after them, each one position further."""
    if not tokens:
        return symbols, positions
    steps = positions.max() + 1 + np.arange(len(tokens), dtype=positions.dtype)
    further = np.broadcast_to(steps, (len(positions), len(tokens)))
    after = np.array(tokens, dtype=symbols.dtype)
    return np.concatenate([symbols, after]), np.concatenate([positions, further], axis=1)


def _prompts(
    entries: Sequence[Entry], encoder: Encoder, features: Features, positions: Positions
) -> list[tuple[Entry, Symbols, Symbols]]:
    """Symbols and positions of each entry's prompt; every distinct prompt is encoded once."""
    encoder.prepare(data for entry in entries for data in entry.prompt.images)
    known: dict[Prompt, tuple[Symbols, Symbols]] = {}
    for prompt in {entry.prompt: None for entry in entries}:
        layout = encoder.layout(prompt)
        symbols = np.array(layout.ids, dtype=_COMPACT)
        if layout.pictures:
            numbers = [
                features.numbers(data, picture)
                for data, picture in zip(prompt.images, layout.pictures, strict=True)
            ]
            symbols[symbols == layout.feature_id] = -1 - np.concatenate(numbers)
        known[prompt] = symbols, positions.of(layout).astype(_COMPACT)
    return [(entry, *known[entry.prompt]) for entry in entries]
