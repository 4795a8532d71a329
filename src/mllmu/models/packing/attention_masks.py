"""Attention masks in the form that a model's decoder layers expect.

Legend of shapes: r rows, q query tokens, c columns of the key-value cache, n tokens of one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_FULL, _SLIDING = "full_attention", "sliding_attention"


@dataclass(frozen=True)
class AttentionMasks:
    """Makes the attention masks of one model.

    Attributes:
        layer_types: which types of attention its decoder layers have: full, sliding, or both.
        window: window of the sliding layers, in tokens.
        bidirectional_images: whether the tokens of an image attend to one another in both directions.
    """

    layer_types: frozenset[str]
    window: int
    bidirectional_images: bool

    @classmethod
    def of(cls, model: Any, bidirectional_images: bool) -> AttentionMasks:
        """Read the layer types and the window from a model's configuration."""
        config = model.config.get_text_config()
        window = getattr(config, "sliding_window", None)
        layer_types = getattr(config, "layer_types", None) or [_SLIDING if window else _FULL]
        return cls(frozenset(layer_types), window or 0, bidirectional_images)

    def within_row(self, symbols: NDArray[np.integer], causal: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """[n, n] true where a token of a row attends to another token of it.

        Args:
            symbols: [n] the row's input symbols.
            causal: [n, n] true where a token is the other one or comes after it.
        """
        return causal | _same_image(symbols) if self.bidirectional_images else causal

    def split_point(self, symbols: NDArray[np.integer], end: int) -> int:
        """The largest index up to `end` at which symbols may be split between two forward passes.

        The tokens of an image stay in one pass if they attend to one another in both directions.
        """
        if self.bidirectional_images and 0 < end < len(symbols):
            same = _same_image(symbols[: end + 1])[end]
            return int(same.argmax()) if same[end - 1] else end
        return end

    def by_layer_type(self, visible: Tensor, depths: Tensor, columns: Tensor) -> Tensor | dict[str, Tensor]:
        """What tokens attend to, bool [r, q, c]; by layer type if the model has several types.

        Args:
            visible: [r, q, c] true where a token would attend to a column, were there no window.
            depths: [r, q] number of tokens before each query token in its sequence.
            columns: [r, c] number of tokens before each column in its sequence.
        """
        masks = {_FULL: visible}
        if _SLIDING in self.layer_types:
            masks[_SLIDING] = visible & (depths[:, :, None] - columns[:, None] < self.window)
        made = {kind: masks.get(kind, visible) for kind in sorted(self.layer_types)}
        return made if len(made) > 1 else next(iter(made.values()))


def additive(visible: Tensor | Mapping[str, Tensor], dtype: torch.dtype) -> Tensor | dict[str, Tensor]:
    """Masks [r, 1, q, c] to add to attention scores, of what `by_layer_type` made.

    Args:
        visible: bool [r, q, c], or several by layer type.
        dtype: of the masks, that of the scores.
    """
    if isinstance(visible, Tensor):
        return _bias(visible, dtype)
    return {kind: _bias(mask, dtype) for kind, mask in visible.items()}


def _bias(visible: Tensor, dtype: torch.dtype) -> Tensor:
    """[r, 1, q, c] 0 where visible, else the least finite number: -inf would make NaN of padding rows."""
    bias = torch.zeros(visible.shape, dtype=dtype, device=visible.device)
    return bias.masked_fill_(~visible, torch.finfo(dtype).min)[:, None]


def _same_image(symbols: NDArray[np.integer]) -> NDArray[np.bool_]:
    """[n, n] true where two symbols belong to the same unbroken run of features of one image."""
    shown = symbols < 0
    begins = shown & ~np.concatenate([[False], shown[:-1] & (symbols[1:] == symbols[:-1] - 1)])
    stretch = np.where(shown, begins.cumsum(), 0)
    same: NDArray[np.bool_] = (stretch[:, None] == stretch) & shown[:, None]
    return same
