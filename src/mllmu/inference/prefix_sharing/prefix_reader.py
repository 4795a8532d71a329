"""The language model, reading rows of symbols after a prefix it has read already.

Legend of shapes: r rows, q nodes that are computed, c columns they may see, m places looked at, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.prefix_sharing.attention_masks import Attention
from mllmu.inference.prefix_sharing.image_features import Features
from mllmu.inference.prefix_sharing.key_value_cache import KeyValues
from mllmu.inference.prefix_sharing.symbol_sequences import Symbols
from mllmu.inference.prefix_sharing.tree_rows import Row, line


class Reader:
    """Reads prefixes, which it keeps, and rows after them.

    Args:
        model: an image-text-to-text model in evaluation mode.
        attention: how it attends.
        features: what it sees of pictures.
        longest: tokens of the longest prefix that will be read.
        counts: where it is counted what is computed.
    """

    def __init__(
        self, model: Any, attention: Attention, features: Features, longest: int, counts: EngineStatistics
    ) -> None:
        self._model = model
        self.sees = attention.sees
        self._mask = attention.mask
        self._features = features
        self.counts = counts
        self._table = model.get_input_embeddings().weight
        self.prefix = KeyValues(1, longest)

    @property
    def length(self) -> int:
        """Tokens of the prefix that is kept now."""
        return self.prefix.start

    def extend(self, symbols: Symbols, positions: Symbols) -> None:
        """Read on: the prefix becomes longer by symbols [q] at positions [axes, q]."""
        row = line(symbols, positions, self.length)
        self.read([row], self.prefix, torch.zeros(1, dtype=torch.long))
        self.prefix.start += len(symbols)

    def shorten(self, length: int) -> None:
        """Forget the prefix beyond its first tokens."""
        self.prefix.start = length

    def branched(self, count: int, columns: int) -> KeyValues:
        """What is kept for rows that go on from the prefix, with room for columns after it."""
        return self.prefix.branched(self.length, count, self.length + columns)

    def read(self, rows: Sequence[Row], kept: KeyValues, places: Tensor) -> Tensor:
        """Logits [m, v] at places [m] of the flattened rows [r * q], which follow the prefix.

        Args:
            rows: they are filled up to the longest.
            kept: what belongs to these rows; set to them and to the prefix's length.
            places: where to look.
        """
        count, longest = len(rows), max(map(len, rows))
        axes = len(rows[0].positions)
        symbols = np.zeros((count, longest), np.int64)
        positions, depths = np.zeros((axes, count, longest), np.int64), np.zeros((count, longest), np.int64)
        visible = np.zeros((count, longest, kept.start + longest), bool)
        visible[:, :, : kept.start] = True
        for index, row in enumerate(rows):
            size = len(row)
            symbols[index, :size], depths[index, :size] = row.symbols, row.depths
            positions[:, index, :size] = row.positions
            visible[index, :size, kept.start : kept.start + size] = self.sees(row)
        columns = np.concatenate(
            [np.broadcast_to(np.arange(kept.start), (count, kept.start)), depths], axis=1
        )
        self.counts.computed += symbols.size
        self.counts.filling += symbols.size - sum(map(len, rows))
        return self.step(symbols, positions, visible, depths, columns, kept, places)

    @torch.inference_mode()
    def step(
        self,
        symbols: Symbols,
        positions: Symbols,
        visible: np.ndarray,
        depths: Symbols,
        columns: Symbols,
        kept: KeyValues,
        places: Tensor,
    ) -> Tensor:
        """One pass through the language model.

        Args:
            symbols: [r, q] what is read.
            positions: [axes, r, q] where it is placed.
            visible: [r, q, c] true where a node sees a column.
            depths: [r, q] how many tokens come before each node.
            columns: [r, c] how many tokens come before each column.
            kept: what the rows have read before; it keeps what they read now.
            places: [m] where to look, in the flattened rows.

        Returns:
            Logits [m, v], float32.
        """
        device = self._table.device
        self.counts.forwards += 1
        embedded = self._features.embed(torch.from_numpy(symbols).to(device))
        where = torch.from_numpy(positions).to(device)
        told = {
            "inputs_embeds": embedded,
            "attention_mask": self._mask(
                torch.from_numpy(visible).to(device),
                torch.from_numpy(depths).to(device),
                torch.from_numpy(columns).to(device),
                embedded.dtype,
            ),
            # A single axis is given as all models take it.
            "position_ids": where[0] if len(where) == 1 else where,
            "past_key_values": kept,
            "use_cache": True,
        }
        places = places.to(device)
        head = self._model.get_output_embeddings()
        if head is None:
            return self._model(**told).logits.flatten(0, 1)[places].float()
        with _only(head, places):
            return self._model(**told).logits[0].float()


@contextmanager
def _only(head: nn.Module, places: Tensor) -> Iterator[None]:
    """Let the output layer see only the hidden states at some places, for they are most of the memory.

    A hook works alike for every family and inside adapters; ``logits_to_keep`` takes places that differ from
    row to row only in some families and only in late versions of transformers 5.
    """

    def gather(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden, *rest = args
        return (hidden.flatten(0, 1)[places.to(hidden.device)][None], *rest)

    handle = head.register_forward_pre_hook(gather)
    try:
        yield
    finally:
        handle.remove()
