"""Masks over a model's weights, made of their saliency."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from mllmu.errors import UserError

WeightMasks = dict[str, Tensor]
"""Name of a parameter -> bool of its shape, true where a weight is selected."""


def top_share(saliency: Mapping[str, Tensor], share: float) -> WeightMasks:
    """The weights of the highest saliency, ranked over all parameters together; of equals, the first.

    Parameters without any saliency take no part and are not selected: with fresh adapters these are A, whose
    gradient is zero as long as B is.

    Args:
        saliency: per parameter, at least 0.
        share: how many of the weights that take part, above 0, up to 1.

    Raises:
        UserError: if no weight has a saliency, or the share is less than half a weight.
    """
    ranked = {name: values for name, values in saliency.items() if values.any()}
    joined = torch.cat([torch.zeros(0), *(values.flatten().cpu() for values in ranked.values())])
    count = round(share * len(joined))
    if count == 0:
        raise UserError(
            f"a share of {share:g} of the {len(joined)} weights with a saliency is none; "
            "expected at least one"
        )
    chosen = torch.zeros(len(joined), dtype=torch.bool)
    chosen[joined.argsort(descending=True, stable=True)[:count]] = True
    parts = iter(chosen.split([values.numel() for values in ranked.values()]))
    return {
        name: next(parts).view(values.shape).to(values.device)
        if name in ranked
        else torch.zeros_like(values, dtype=torch.bool)
        for name, values in saliency.items()
    }


def ratio_at_least(forget: Mapping[str, Tensor], keep: Mapping[str, Tensor], threshold: float) -> WeightMasks:
    """The weights where forget / keep >= threshold; one of which both are zero is not selected.

    Args:
        forget: saliency for what is to be forgotten, at least 0.
        keep: saliency for what is to be kept, of the same parameters.
        threshold: above 0.

    Raises:
        UserError: if no weight is selected.
    """
    masks = {name: (f > 0) & (f >= threshold * keep[name]) for name, f in forget.items()}
    if not any(bool(mask.any()) for mask in masks.values()):
        raise UserError(
            f"no weight matters {threshold:g} times as much for what is to be forgotten as for what is to be "
            "kept; expected a smaller threshold"
        )
    return masks
