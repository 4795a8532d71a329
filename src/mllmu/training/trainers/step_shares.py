"""How several processes share the samples of an optimizer step, and add up what they make of them.

A step holds the same samples however many processes there are, so that settings mean the same, and so does
what a training gives. Each process has the whole model. Libraries that wrap it (DDP) want one forward pass
per step and every weight used in each process; losses here run the model several times, and a text has no use
for a projector.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from mllmu.errors import UserError
from mllmu.processes import add_up, process_count
from mllmu.training.settings import OptimizationSettings
from mllmu.training.sharding.shardable import require_shardable

T = TypeVar("T")

# Numbers that travel at once: 64 MiB of float32, which is copied on the way.
_BUCKET = 2**24


def require_shares(settings: BaseModel) -> None:
    """Refuse a training of which some processes would have no part.

    Args:
        settings: of a training, or of something that does not train, which passes.

    Raises:
        UserError: an optimizer step holds fewer samples than there are processes, or these are to hold
            pieces of what cannot be cut.
    """
    if not isinstance(settings, OptimizationSettings):
        return
    require_shardable(settings)
    samples, processes = settings.batch_size * settings.gradient_accumulation, process_count()
    if samples < processes:
        raise UserError(
            f"An optimizer step of batch_size {settings.batch_size} and gradient_accumulation "
            f"{settings.gradient_accumulation} cannot be shared by {processes} processes; expected at most "
            f"{samples} of them, or a larger batch_size."
        )


def shares_of_step(batches: Sequence[Sequence[T]], count: int) -> list[list[list[T]]]:
    """What each of some processes learns of an optimizer step, cut into batches; as it is for one process.

    Args:
        batches: of the step, none larger than the first.
        count: how many processes there are.

    Returns:
        Neighbours stay together, because they are about as long. A process has at most as many batches as
        there are, each no larger than the first, and none at all if there are fewer samples than processes.
    """
    if count == 1 or not batches:
        return [[list(batch) for batch in batches], *([] for _ in range(count - 1))]
    samples, size = [sample for batch in batches for sample in batch], len(batches[0])
    bounds = [len(samples) * rank // count for rank in range(count + 1)]
    return [
        [samples[start : min(start + size, end)] for start in range(begin, end, size)]
        for begin, end in pairwise(bounds)
    ]


def add_up_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give every parameter the sum of the gradients that all processes have of it; all have to call it.

    One that has a gradient nowhere keeps none: an optimizer leaves it alone.
    """
    if process_count() == 1:
        return
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    used = torch.tensor([p.grad is not None for p in learning], dtype=torch.int32, device=learning[0].device)
    add_up(used)
    gradients: list[Tensor] = []
    for parameter, uses in zip(learning, used.tolist(), strict=True):
        if uses:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
    for bucket in _buckets(gradients):
        flat = torch.cat([gradient.flatten() for gradient in bucket])
        add_up(flat)
        parts = flat.split([gradient.numel() for gradient in bucket])
        for gradient, part in zip(bucket, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def _buckets(tensors: Sequence[Tensor]) -> list[list[Tensor]]:
    """Tensors in their order, as many together as travel at once."""
    buckets: list[list[Tensor]] = []
    room = 0
    for tensor in tensors:
        if not buckets or tensor.numel() > room:
            buckets.append([])
            room = _BUCKET
        buckets[-1].append(tensor)
        room -= tensor.numel()
    return buckets


class Replica(nn.Module):
    """A model that every process has whole; in this shape, no library wraps it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *arguments: Any, **options: Any) -> Any:
        """The model's own."""
        return self.model(*arguments, **options)
