"""How much of what adapters learned is left once they are merged into weights of few bits."""

from __future__ import annotations

import logging
from typing import Any

import torch

_LOG = logging.getLogger(__name__)
_LEAST_SHARE = 0.9


@torch.no_grad()
def merged_share(learner: Any) -> float:
    """The share of the adapters' change of weights that merging leaves, about 0 to 1.

    With d what adapters add to the weights W of a layer, and r(.) rounding to the type of W, it is the sum
    over layers of <r(W + d) - W, d> over that of <d, d>. Changes below half a step of W's type are rounded
    away, and those just above it made larger.

    Args:
        learner: a PEFT model; 1 if its adapters changed nothing, or are none that are merged into layers.
    """
    left_over = changed = 0.0
    for layer in learner.modules():
        if not hasattr(layer, "get_delta_weight") or not hasattr(layer, "get_base_layer"):
            continue
        weight = layer.get_base_layer().weight
        for adapter in layer.active_adapters:
            change = layer.get_delta_weight(adapter).float()
            merged = (weight.float() + change).to(weight.dtype).float() - weight.float()
            left_over += float((merged * change).sum())
            changed += float((change * change).sum())
    return left_over / changed if changed else 1.0


def tell_of_rounding(learner: Any) -> None:
    """Warn where merging rounds more than a tenth of what adapters learned away."""
    share = merged_share(learner)
    if share < _LEAST_SHARE:
        _LOG.warning(
            "Of what the adapters learned, %.0f %% is left in the weights of few bits that they are merged "
            "into; more steps, a higher rate, or a model in float32 leave more.",
            100 * share,
        )
