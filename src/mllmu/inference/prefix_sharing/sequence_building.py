"""Builds the input sequences of the language model from requests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mllmu.inference.in_memory.entry import Entry
from mllmu.inference.prefix_sharing.image_features import ImageFeatures
from mllmu.models import Encoder, Prompt
from mllmu.models.packing.position_ids import PositionIds
from mllmu.models.packing.symbol_sequences import Symbols, SymbolSequence

# Prompts with many pictures are long, and thousands of them are held at once.
_COMPACT = np.int32
# Pictures of so many prompts are preprocessed in advance; all would push one another out of the cache.
_PREPARED_AT_ONCE = 32


def scored_sequences(
    entries: Sequence[Entry], encoder: Encoder, features: ImageFeatures, positions: PositionIds
) -> list[SymbolSequence[Entry]]:
    """Sequences to score answers with: outputs are needed from the prompt's last token on."""
    return [
        SymbolSequence(entry, *extended(symbols, position_ids, entry.after[:-1]), len(symbols) - 1)
        for entry, symbols, position_ids in _prompts(entries, encoder, features, positions)
    ]


def begun_sequences(
    entries: Sequence[Entry], encoder: Encoder, features: ImageFeatures, positions: PositionIds
) -> list[SymbolSequence[Entry]]:
    """Sequences to continue by generation: the output of the last symbol is needed."""
    sequences = []
    for entry, symbols, position_ids in _prompts(entries, encoder, features, positions):
        longer, further = extended(symbols, position_ids, entry.after)
        sequences.append(SymbolSequence(entry, longer, further, len(longer) - 1))
    return sequences


def extended(symbols: Symbols, positions: Symbols, tokens: Sequence[int]) -> tuple[Symbols, Symbols]:
    """Append tokens to symbols [t] and positions [axes, t], each token one position further."""
    if not tokens:
        return symbols, positions
    steps = positions.max() + 1 + np.arange(len(tokens), dtype=positions.dtype)
    further = np.broadcast_to(steps, (len(positions), len(tokens)))
    after = np.array(tokens, dtype=symbols.dtype)
    return np.concatenate([symbols, after]), np.concatenate([positions, further], axis=1)


def _prompts(
    entries: Sequence[Entry], encoder: Encoder, features: ImageFeatures, positions: PositionIds
) -> list[tuple[Entry, Symbols, Symbols]]:
    """Each entry with its prompt's symbols and positions; every distinct prompt is encoded once."""
    inputs: dict[Prompt, tuple[Symbols, Symbols]] = {}
    prompts = list({entry.prompt: None for entry in entries})
    for number, prompt in enumerate(prompts):
        if number % _PREPARED_AT_ONCE == 0:
            following = prompts[number : number + _PREPARED_AT_ONCE]
            encoder.prepare(data for one in following for data in one.images)
        layout = encoder.layout(prompt)
        symbols = np.array(layout.ids, dtype=_COMPACT)
        if layout.pictures:
            numbers = [
                features.numbers(data, picture)
                for data, picture in zip(prompt.images, layout.pictures, strict=True)
            ]
            symbols[symbols == layout.feature_id] = -1 - np.concatenate(numbers)
        visions = [picture.vision for picture in layout.pictures]
        position_ids = positions.of(layout.ids, layout.feature_id, visions)
        inputs[prompt] = symbols, position_ids.astype(_COMPACT)
    return [(entry, *inputs[entry.prompt]) for entry in entries]
