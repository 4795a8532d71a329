"""Who sees whom, as a model takes it.

Legend of shapes: r rows, q nodes that are computed, c columns they may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mllmu.inference.prefix_sharing.tree_rows import Row

_FULL, _SLIDING = "full_attention", "sliding_attention"


@dataclass(frozen=True)
class Attention:
    """How a model attends.

    Attributes:
        kinds: the kinds of its decoder layers, full or sliding.
        window: how far back sliding layers see, in tokens.
        both_ways: whether the features of an image see one another in both directions.
    """

    kinds: frozenset[str]
    window: int
    both_ways: bool

    @classmethod
    def of(cls, model: Any, both_ways: bool) -> Attention:
        """What a model's configuration says."""
        config = model.config.get_text_config()
        window = getattr(config, "sliding_window", None)
        kinds = getattr(config, "layer_types", None) or [_SLIDING if window else _FULL]
        return cls(frozenset(kinds), window or 0, both_ways)

    def sees(self, row: Row) -> NDArray[np.bool_]:
        """[n, n] true where a node of a row sees another."""
        seen = row.sees()
        return seen | _same_image(row.symbols) if self.both_ways else seen

    def cut(self, symbols: NDArray[np.integer], place: int) -> int:
        """The last place up to `place` before which symbols may be read without those after it.

        An image's features are read together where they see one another.
        """
        if self.both_ways and 0 < place < len(symbols):
            same = _same_image(symbols[: place + 1])[place]
            return int(same.argmax()) if same[place - 1] else place
        return place

    def mask(
        self, visible: Tensor, depths: Tensor, columns: Tensor, dtype: torch.dtype
    ) -> Tensor | dict[str, Tensor]:
        """What is added to the attention scores; one for each kind of layer where there are several.

        Args:
            visible: [r, q, c] true where a node may see a column.
            depths: [r, q] how many tokens come before each node.
            columns: [r, c] the same for each column.
            dtype: the model's.
        """
        masks = {_FULL: visible}
        if _SLIDING in self.kinds:
            masks[_SLIDING] = visible & (depths[:, :, None] - columns[:, None] < self.window)
        made = {kind: _bias(masks.get(kind, visible), dtype) for kind in sorted(self.kinds)}
        return made if len(made) > 1 else next(iter(made.values()))


def _bias(visible: Tensor, dtype: torch.dtype) -> Tensor:
    """[r, 1, q, c] 0 where visible, else the least number, which unlike -inf keeps filling free of NaN."""
    bias = torch.zeros(visible.shape, dtype=dtype, device=visible.device)
    return bias.masked_fill_(~visible, torch.finfo(dtype).min)[:, None]


def _same_image(symbols: NDArray[np.integer]) -> NDArray[np.bool_]:
    """[n, n] true where two nodes belong to one unbroken stretch of features."""
    shown = symbols < 0
    begins = shown & ~np.concatenate([[False], shown[:-1] & (symbols[1:] == symbols[:-1] - 1)])
    stretch = np.where(shown, begins.cumsum(), 0)
    same: NDArray[np.bool_] = (stretch[:, None] == stretch) & shown[:, None]
    return same
