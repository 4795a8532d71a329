"""Where a model places the tokens of a prompt."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mllmu.models import Layout, joined_vision


class Positions:
    """Positions of prompts, for one model.

    Most families count tokens. Those that place the features of images in two dimensions say where with
    their own function ``get_rope_index``.
    """

    def __init__(self, model: Any) -> None:
        self._own: Callable[..., Any] | None = next(
            (module.get_rope_index for module in model.modules() if hasattr(module, "get_rope_index")), None
        )

    def of(self, layout: Layout) -> NDArray[np.int64]:
        """Positions [axes, t] of a prompt's tokens; one axis where a model only counts."""
        if self._own is None:
            return np.arange(len(layout.ids))[None]
        ids = torch.tensor(layout.ids)[None]
        told = {
            "input_ids": ids,
            "mm_token_type_ids": torch.tensor([[int(token == layout.feature_id) for token in layout.ids]]),
            **joined_vision([picture.vision for picture in layout.pictures]),
        }
        taken = inspect.signature(self._own).parameters
        positions, _ = self._own(**{name: value for name, value in told.items() if name in taken})
        return np.asarray(positions[:, 0])
