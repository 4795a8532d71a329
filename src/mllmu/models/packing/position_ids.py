"""Position ids of a sequence's tokens, one or several per token."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mllmu.models.inputs.encoding import joined_vision


class PositionIds:
    """Computes position ids as one model expects them.

    Most families count tokens. Those with multi-dimensional positions for image tokens, e.g. Qwen2-VL,
    compute them with a method ``get_rope_index`` of their own.
    """

    def __init__(self, model: Any) -> None:
        self._own: Callable[..., Any] | None = next(
            (module.get_rope_index for module in model.modules() if hasattr(module, "get_rope_index")), None
        )

    def of(
        self, ids: Sequence[int], feature_id: int | None, visions: Sequence[dict[str, Tensor]]
    ) -> NDArray[np.int64]:
        """Position ids [axes, t] of tokens [t]; a single axis if the model only counts tokens.

        Args:
            ids: token ids, image placeholders expanded.
            feature_id: id of the tokens that stand for features of images; None without images.
            visions: the images' inputs of the vision tower, in the order of their tokens.
        """
        if self._own is None:
            return np.arange(len(ids))[None]
        inputs = {
            "input_ids": torch.tensor(ids)[None],
            "mm_token_type_ids": torch.tensor([[int(token == feature_id) for token in ids]]),
            **joined_vision(visions),
        }
        accepted = inspect.signature(self._own).parameters
        positions, _ = self._own(**{name: value for name, value in inputs.items() if name in accepted})
        return np.asarray(positions[:, 0])
