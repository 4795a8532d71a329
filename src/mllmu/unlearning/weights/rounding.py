"""Weights rounded to a few bits, as a quantised model has them, kept in their own number format."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

GROUP = 128
"""Neighbouring inputs of an output that share a scale."""


def rounded(weight: Tensor, bits: int) -> Tensor:
    """A weight rounded to the nearest of 2**bits - 1 evenly spaced values, symmetric about zero.

    Each group of `GROUP` neighbouring inputs of one output has its own scale, so that its largest number by
    magnitude keeps its value; the last group of a row may be shorter.

    Args:
        weight: [outputs, inputs].
        bits: at least 2.

    Returns:
        Of the same shape and number format.
    """
    largest = 2 ** (bits - 1) - 1
    groups = weight.float().split(GROUP, dim=1)
    return torch.cat([_rounded_group(group, largest) for group in groups], dim=1).to(weight.dtype)


def _rounded_group(group: Tensor, largest: int) -> Tensor:
    scale = group.abs().amax(dim=1, keepdim=True) / largest
    # A group of zeros has no scale and needs none.
    return torch.where(scale > 0, (group / scale).round() * scale, group)


def rounded_weights(model: nn.Module) -> frozenset[str]:
    """Names of the weights that `round_weights` rounds: of all linear layers but the output head."""
    head = getattr(model, "get_output_embeddings", lambda: None)()
    return frozenset(
        f"{name}.weight"
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and module is not head
    )


def round_weights(model: nn.Module, bits: int, others: Iterable[Tensor] = ()) -> None:
    """Round the weights of all linear layers but the output head, in place; see `rounded`.

    Args:
        model: whose weights to round.
        bits: of each weight.
        others: matrices that stand beside the model's own, as those of assistants.
    """
    names = rounded_weights(model)
    with torch.no_grad():
        for weight in (*(weight for name, weight in model.named_parameters() if name in names), *others):
            weight.copy_(rounded(weight, bits))
