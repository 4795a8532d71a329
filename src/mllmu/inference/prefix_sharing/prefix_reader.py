"""Runs the language model on rows of symbols that follow a prefix in the key-value cache.

Legend of shapes: r rows, q query tokens, c columns of the key-value cache, m outputs needed, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.prefix_sharing.image_features import ImageFeatures
from mllmu.inference.prefix_sharing.key_value_cache import KeyValueCache
from mllmu.models.packing.attention_masks import AttentionMasks, additive
from mllmu.models.packing.symbol_sequences import Symbols
from mllmu.models.packing.tree_rows import TreeRow, linear_row


class PrefixReader:
    """Computes a prefix, which it holds in a key-value cache, and rows that follow the prefix.

    Args:
        model: an image-text-to-text model in evaluation mode.
        masks: makes its attention masks.
        features: supplies its image features.
        longest: length of the longest prefix that will be computed, in tokens.
        counts: statistics to which the computed tokens are added.
    """

    def __init__(
        self,
        model: Any,
        masks: AttentionMasks,
        features: ImageFeatures,
        longest: int,
        counts: EngineStatistics,
    ) -> None:
        self._model = model
        self._masks = masks
        self._features = features
        self.counts = counts
        self._table = model.get_input_embeddings().weight
        self.prefix = KeyValueCache(1, longest)

    @property
    def length(self) -> int:
        """Length of the cached prefix, in tokens."""
        return self.prefix.start

    def extend(self, symbols: Symbols, positions: Symbols) -> None:
        """Append symbols [q] at positions [axes, q] to the cached prefix."""
        row = linear_row(symbols, positions, self.length)
        self.read([row], self.prefix, torch.zeros(1, dtype=torch.long))
        self.prefix.start += len(symbols)

    def shorten(self, length: int) -> None:
        """Cut the cached prefix to its first `length` tokens."""
        self.prefix.start = length

    def visible(self, row: TreeRow[Any]) -> NDArray[np.bool_]:
        """[n, n] true where a token of a row attends to another token of it."""
        return self._masks.within_row(row.symbols, row.causal())

    def row_cache(self, count: int, columns: int) -> KeyValueCache:
        """A key-value cache of `count` rows that begin with the prefix, with space for columns after it."""
        return self.prefix.repeated(self.length, count, self.length + columns)

    def read(self, rows: Sequence[TreeRow[Any]], cache: KeyValueCache, needed: Tensor) -> Tensor:
        """Logits [m, v] of some tokens of rows that follow the prefix.

        Args:
            rows: rows, which are padded to the longest.
            cache: their key-value cache, set to these rows and to the length of the prefix.
            needed: [m] indices of the tokens, in the flattened padded rows [r * q].
        """
        count, longest = len(rows), max(map(len, rows))
        axes = len(rows[0].positions)
        symbols = np.zeros((count, longest), np.int64)
        positions, depths = np.zeros((axes, count, longest), np.int64), np.zeros((count, longest), np.int64)
        visible = np.zeros((count, longest, cache.start + longest), bool)
        visible[:, :, : cache.start] = True
        for index, row in enumerate(rows):
            size = len(row)
            symbols[index, :size], depths[index, :size] = row.symbols, row.depths
            positions[:, index, :size] = row.positions
            visible[index, :size, cache.start : cache.start + size] = self.visible(row)
        columns = np.concatenate(
            [np.broadcast_to(np.arange(cache.start), (count, cache.start)), depths], axis=1
        )
        self.counts.computed += symbols.size
        self.counts.padding += symbols.size - sum(map(len, rows))
        return self.forward(symbols, positions, visible, depths, columns, cache, needed)

    @torch.inference_mode()
    def forward(
        self,
        symbols: Symbols,
        positions: Symbols,
        visible: np.ndarray,
        depths: Symbols,
        columns: Symbols,
        cache: KeyValueCache,
        needed: Tensor,
    ) -> Tensor:
        """One forward pass of the language model.

        Args:
            symbols: [r, q] input symbols.
            positions: [axes, r, q] position ids.
            visible: [r, q, c] true where a token attends to a column.
            depths: [r, q] number of tokens before each token in its sequence.
            columns: [r, c] number of tokens before each column in its sequence.
            cache: key-value cache of the rows, to which those of the new tokens are added.
            needed: [m] indices of the tokens whose logits are needed, in the flattened rows [r * q].

        Returns:
            Logits [m, v], float32.
        """
        device = self._table.device
        self.counts.forwards += 1
        embedded = self._features.embed(torch.from_numpy(symbols).to(device))
        position_ids = torch.from_numpy(positions).to(device)
        inputs = {
            "inputs_embeds": embedded,
            "attention_mask": additive(
                self._masks.by_layer_type(
                    torch.from_numpy(visible).to(device),
                    torch.from_numpy(depths).to(device),
                    torch.from_numpy(columns).to(device),
                ),
                embedded.dtype,
            ),
            # Models with a single position per token expect no axis for it.
            "position_ids": position_ids[0] if len(position_ids) == 1 else position_ids,
            "past_key_values": cache,
            "use_cache": True,
        }
        needed = needed.to(device)
        head = self._model.get_output_embeddings()
        if head is None:
            return self._model(**inputs).logits.flatten(0, 1)[needed].float()
        with _only(head, needed):
            return self._model(**inputs).logits[0].float()


@contextmanager
def _only(head: nn.Module, needed: Tensor) -> Iterator[None]:
    """Make the output layer compute only the logits needed, because all of them would take most memory.

    What the model does after the output layer, e.g. ``final_logit_softcapping``, still applies. A hook works
    in every family and inside adapters; ``logits_to_keep`` takes indices that differ from row to row only in
    some families and only in late versions of transformers 5.
    """

    def gather(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden, *rest = args
        return (hidden.flatten(0, 1)[needed.to(hidden.device)][None], *rest)

    # Before hooks of wrappers, which so compute only what is needed as well.
    handle = head.register_forward_pre_hook(gather, prepend=True)
    try:
        yield
    finally:
        handle.remove()
