"""Position ids of a prompt's tokens, one or several per token."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mllmu.models import Layout, joined_vision


class PositionIds:
    """Computes position ids as one model expects them.

    Most families count tokens. Those with multi-dimensional positions for image tokens, e.g. Qwen2-VL,
    compute them with a method ``get_rope_index`` of their own.
    """

    def __init__(self, model: Any) -> None:
        self._own: Callable[..., Any] | None = next(
            (module.get_rope_index for module in model.modules() if hasattr(module, "get_rope_index")), None
        )

    def of(self, layout: Layout) -> NDArray[np.int64]:
        """Position ids [axes, t] of a prompt's tokens; a single axis if the model only counts tokens."""
        if self._own is None:
            return np.arange(len(layout.ids))[None]
        ids = torch.tensor(layout.ids)[None]
        inputs = {
            "input_ids": ids,
            "mm_token_type_ids": torch.tensor([[int(token == layout.feature_id) for token in layout.ids]]),
            **joined_vision([picture.vision for picture in layout.pictures]),
        }
        accepted = inspect.signature(self._own).parameters
        positions, _ = self._own(**{name: value for name, value in inputs.items() if name in accepted})
        return np.asarray(positions[:, 0])
