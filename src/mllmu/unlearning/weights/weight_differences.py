"""Differences that a training makes to a model's weights, taken and put back in float32."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mllmu.training.memory_estimate import HeldWeights

WeightDifference = Mapping[str, Tensor]
"""Name of a parameter -> what was added to it, float32."""


@contextmanager
def float32_weights(model: nn.Module, names: Collection[str]) -> Iterator[dict[str, Tensor]]:
    """Some parameters as float32, since a bfloat16 weight swallows small differences; afterwards as before.

    Args:
        model: whose parameters.
        names: which, by ``named_parameters``.

    Yields:
        A copy of them as they are at the start.
    """
    chosen = {name: parameter for name, parameter in model.named_parameters() if name in names}
    types = {name: parameter.dtype for name, parameter in chosen.items()}
    for parameter in chosen.values():
        parameter.data = parameter.data.to(torch.float32)
    try:
        yield {name: parameter.detach().clone() for name, parameter in chosen.items()}
    finally:
        for name, parameter in chosen.items():
            parameter.data = parameter.data.to(types[name])


def held_differences(count: int, copies: int, adapters: bool) -> HeldWeights:
    """What copies of weights and their differences take while a model is trained, for forecasts of memory.

    Args:
        count: how many weights change.
        copies: how many float32 numbers are kept of each besides its training.
        adapters: whether adapters learn: then the weights are cast, and what they change, as whole matrices,
            is at the end as many numbers again.
    """
    if adapters:
        return HeldWeights(beside=2 * copies * count, cast=count)
    return HeldWeights(beside=copies * count)


@torch.no_grad()
def difference_from(model: nn.Module, start: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a model's weights are more than they were."""
    parameters = dict(model.named_parameters())
    return {name: parameters[name] - before for name, before in start.items()}


@torch.no_grad()
def set_weights(
    model: nn.Module, start: Mapping[str, Tensor], difference: WeightDifference, scale: float
) -> None:
    """Make a model's weights ``start + scale * difference``.

    Args:
        model: what to change.
        start: the parameters to set.
        difference: what to add, of each of them.
        scale: how often; 0 gives ``start`` to the last bit.
    """
    parameters = dict(model.named_parameters())
    for name, before in start.items():
        parameters[name].copy_(before + scale * difference[name])
