"""Keys and values that the layers of a language model keep of what it has read.

Legend of shapes: r rows, k heads, c columns there is room for, d width of a head.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin


class _Layer(CacheLayerMixin):
    """Keys and values [r, k, c, d] of one layer; new ones are written in place instead of being appended."""

    is_sliding = False
    keys: Tensor
    values: Tensor

    def __init__(self, owner: KeyValues) -> None:
        super().__init__()
        self._owner = owner

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Make room for the columns the owner was made for."""
        self.keys, self.values = self._room(key_states), self._room(value_states)
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep what the rows that are computed now add, and return all that they may see."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        rows, start = self._owner.rows, self._owner.start
        end = start + key_states.shape[2]
        self._grow(end)
        self.keys[rows, :, start:end] = key_states
        self.values[rows, :, start:end] = value_states
        return self.keys[rows, :, :end], self.values[rows, :, :end]

    def begin_with(self, prefix: _Layer, columns: int) -> None:
        """Give every row the first columns of a prefix."""
        self.lazy_initialization(prefix.keys, prefix.values)
        self.keys[:, :, :columns] = prefix.keys[:, :, :columns]
        self.values[:, :, :columns] = prefix.values[:, :, :columns]

    def keep(self, rows: Tensor) -> None:
        """Drop all rows but these."""
        rows = rows.to(self.keys.device)
        self._move(rows, self._owner.start)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Columns that are seen when so many are added, and where they begin."""
        return self._owner.start + query_length, 0

    def get_seq_length(self) -> int:
        """Columns before those that are computed now."""
        return self._owner.start

    def get_max_length(self) -> int:
        """There is no limit."""
        return -1

    def blank(self, rows: slice, columns: slice) -> None:
        """Put zeros where nothing was kept."""
        self.keys[rows, :, columns] = 0
        self.values[rows, :, columns] = 0

    def _room(self, like: Tensor) -> Tensor:
        # Not zeros: touching memory that is never used takes longer than some passes through the model.
        return like.new_empty(self._owner.count, like.shape[1], self._owner.capacity, like.shape[3])

    def _grow(self, columns: int) -> None:
        have = self.keys.shape[2]
        if columns > have:
            self._owner.capacity = max(columns, have + have // 2)
            self._move(torch.arange(self._owner.count, device=self.keys.device), have)

    def _move(self, rows: Tensor, columns: int) -> None:
        """Take these rows' first columns to a place of their own; they are all that the owner counts."""
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = self._room(old)
            new[:, :, :columns] = old[rows, :, :columns]
            setattr(self, name, new)


class KeyValues(Cache):
    """What all layers keep, for rows of equal length.

    Set `rows` and `start` to say which rows the model computes next, and how many columns it has of them.

    Args:
        count: number of rows.
        capacity: columns to make room for at once.
    """

    def __init__(self, count: int, capacity: int) -> None:
        # A function serves as the class: every layer knows this object.
        super().__init__(layer_class_to_replicate=lambda: _Layer(self))  # type: ignore[arg-type]
        self.count = count
        self.capacity = capacity
        self.rows = slice(0, count)
        self.start = 0

    def branched(self, columns: int, count: int, capacity: int) -> KeyValues:
        """Rows that all begin with the first columns of the single row here."""
        made = KeyValues(count, capacity)
        made.start = columns
        if columns:
            for layer in self._own_layers:
                begun = _Layer(made)
                begun.begin_with(layer, columns)
                made.layers.append(begun)
        return made

    def keep(self, rows: Tensor) -> None:
        """Drop all rows but these."""
        self.count = len(rows)
        for layer in self._own_layers:
            layer.keep(rows)
        self.rows = slice(0, self.count)

    @torch.inference_mode()
    def blank(self, rows: slice, columns: slice) -> None:
        """Fill columns that some rows were not computed for.

        They are masked wherever they are seen, but NaN, which unused memory may hold, comes through a mask.
        """
        for layer in self._own_layers:
            layer.blank(rows, columns)

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Columns before those that are computed now."""
        return self.start

    @property
    def _own_layers(self) -> list[_Layer]:
        return cast(list[_Layer], self.layers)


def bytes_per_token(model: Any) -> int:
    """Bytes that all layers of a language model keep of one token."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    size = torch.finfo(next(model.parameters()).dtype).bits // 8
    return int(2 * config.num_hidden_layers * heads * width * size)
