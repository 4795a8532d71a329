"""Masks over a model's weights, made of their saliency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    size = sum(values.numel() for values in ranked.values())
    count = round(share * size)
    if count == 0:
        raise UserError(
            f"a share of {share:g} of the {size} weights with a saliency is none; expected at least one"
        )
    least = _ranked_number(list(ranked.values()), count)
    left = count - sum(int((values > least).sum()) for values in ranked.values())
    masks = {}
    for name, values in saliency.items():
        masks[name] = torch.zeros(values.shape, dtype=torch.bool, device=values.device)
        if name in ranked:
            masks[name] |= values > least
            equals = (values == least).flatten().nonzero().flatten()[:left]
            masks[name].view(-1)[equals] = True
            left -= len(equals)
    return masks


def _ranked_number(parts: Sequence[Tensor], rank: int) -> float:
    """The number of a rank, from 1 for the largest, of all parts together; none is negative.

    Their bits read as integers have the same order, so that counting their first and then their last 16 bits
    finds it without putting the parts together, or in order, which for a whole model would take three times
    its size.
    """
    first = 0
    for shift in (16, 0):
        counts = torch.zeros(1 << 16, dtype=torch.int64)
        for part in parts:
            bits = part.float().flatten().view(torch.int32)
            within = bits >> shift if shift else bits[bits >> 16 == first] & 0xFFFF
            counts += torch.bincount(within, minlength=1 << 16).cpu()
        above = counts.flip(0).cumsum(0)
        bins_above = int((above < rank).sum())  # how many bins from the top lie wholly before that rank
        rank -= int(above[bins_above - 1]) if bins_above else 0
        first = (first << 16) + (1 << 16) - 1 - bins_above
    return float(torch.tensor(first, dtype=torch.int32).view(torch.float32))


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
