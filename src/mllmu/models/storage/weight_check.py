"""Finds weights that are no numbers, with which every answer would be noise and every score NaN."""

from __future__ import annotations

import math
from typing import Any

import torch

from mllmu.errors import UserError


def require_finite_weights(model: Any, source: str) -> None:
    """Check that all weights of a model are finite numbers; each is read once, and none is copied.

    Args:
        model: a model in memory; weights that are not (on the device "meta") are passed over.
        source: its name in the error.

    Raises:
        UserError: if a weight holds NaN or infinity; the first such is named.
    """
    for name, weight in model.state_dict().items():
        if not isinstance(weight, torch.Tensor) or weight.is_meta or not weight.numel():
            continue
        if not weight.is_floating_point():
            continue
        # Of types of one byte torch finds no extremes.
        values = weight.detach().float() if weight.element_size() == 1 else weight.detach()
        lowest, highest = (float(extreme) for extreme in torch.aminmax(values))
        if math.isfinite(lowest) and math.isfinite(highest):
            continue
        what = "NaN" if math.isnan(lowest) else "infinity"
        raise UserError(
            f"Model '{source}' holds {what} in the weight '{name}' ({_type(weight)}); expected finite "
            "numbers; a training that diverged leaves others, and so does a data type that is too small."
        )


def _type(weight: torch.Tensor) -> str:
    """A tensor's data type without the library's name."""
    return str(weight.dtype).removeprefix("torch.")
