"""Key-value cache into which several batches of rows can be computed one after the other.

Legend of shapes: r rows, k heads, c columns of allocated memory, d width of a head.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin


class _Layer(CacheLayerMixin):
    """Keys and values [r, k, c, d] of one layer, written into memory that was allocated before."""

    is_sliding = False
    keys: Tensor
    values: Tensor

    def __init__(self, owner: KeyValueCache) -> None:
        super().__init__()
        self._owner = owner

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Allocate memory for the rows and columns of the cache."""
        self.keys, self.values = self._allocate(key_states), self._allocate(value_states)
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Store new keys and values of the current rows, and return all of these rows."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        rows, start = self._owner.rows, self._owner.start
        end = start + key_states.shape[2]
        self._grow(end)
        self.keys[rows, :, start:end] = key_states
        self.values[rows, :, start:end] = value_states
        return self.keys[rows, :, :end], self.values[rows, :, :end]

    def copy_columns(self, prefix: _Layer, columns: int) -> None:
        """Copy the first columns of a prefix of one row into every row."""
        self.lazy_initialization(prefix.keys, prefix.values)
        self.keys[:, :, :columns] = prefix.keys[:, :, :columns]
        self.values[:, :, :columns] = prefix.values[:, :, :columns]

    def select_rows(self, rows: Tensor) -> None:
        """Keep only these rows."""
        rows = rows.to(self.keys.device)
        self._move(rows, self._owner.start)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Number of columns after a forward pass of `query_length` tokens, and the offset of the first."""
        return self._owner.start + query_length, 0

    def get_seq_length(self) -> int:
        """Number of columns before the current forward pass."""
        return self._owner.start

    def get_max_length(self) -> int:
        """-1: there is no maximum length."""
        return -1

    def zero(self, rows: slice, columns: slice) -> None:
        """Set columns of some rows to zero."""
        self.keys[rows, :, columns] = 0
        self.values[rows, :, columns] = 0

    def _allocate(self, like: Tensor) -> Tensor:
        # Not zeros: writing to memory that is never used takes longer than some forward passes.
        return like.new_empty(self._owner.count, like.shape[1], self._owner.capacity, like.shape[3])

    def _grow(self, columns: int) -> None:
        have = self.keys.shape[2]
        if columns > have:
            self._owner.capacity = max(columns, have + have // 2)
            self._move(torch.arange(self._owner.count, device=self.keys.device), have)

    def _move(self, rows: Tensor, columns: int) -> None:
        """Copy the first columns of some rows into newly allocated memory of the cache's size."""
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = self._allocate(old)
            new[:, :, :columns] = old[rows, :, :columns]
            setattr(self, name, new)


class KeyValueCache(Cache):
    """Key-value cache of all layers, for rows of equal length.

    Set `rows` and `start` before a forward pass: the rows it computes, and the number of columns they have.

    Args:
        count: number of rows.
        capacity: number of columns to allocate at first.
    """

    def __init__(self, count: int, capacity: int) -> None:
        # A function serves as the class: every layer knows this object.
        super().__init__(layer_class_to_replicate=lambda: _Layer(self))  # type: ignore[arg-type]
        self.count = count
        self.capacity = capacity
        self.rows = slice(0, count)
        self.start = 0

    def repeated(self, columns: int, count: int, capacity: int) -> KeyValueCache:
        """A cache of `count` rows that all begin with the first columns of the single row of this one."""
        made = KeyValueCache(count, capacity)
        made.start = columns
        if columns:
            for layer in self._own_layers:
                begun = _Layer(made)
                begun.copy_columns(layer, columns)
                made.layers.append(begun)
        return made

    def select_rows(self, rows: Tensor) -> None:
        """Keep only these rows."""
        self.count = len(rows)
        for layer in self._own_layers:
            layer.select_rows(rows)
        self.rows = slice(0, self.count)

    @torch.inference_mode()
    def zero(self, rows: slice, columns: slice) -> None:
        """Set columns that were not computed for some rows to zero.

        They are masked in attention, but unused memory may hold NaN, which a mask does not remove.
        """
        for layer in self._own_layers:
            layer.zero(rows, columns)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Number of columns before the current forward pass."""
        return self.start

    @property
    def _own_layers(self) -> list[_Layer]:
        return cast(list[_Layer], self.layers)


def bytes_per_token(model: Any, further_layers: int = 0) -> int:
    """Bytes of the key-value cache per token, over all layers of a language model and some like them."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    size = torch.finfo(next(model.parameters()).dtype).bits // 8
    return int(2 * (config.num_hidden_layers + further_layers) * heads * width * size)
