"""How active the neurons of a model's MLPs are while it reads samples.

Legend of shapes: n neurons of an MLP.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.training import Sample
from mllmu.unlearning.neurons.activations import masked_batches
from mllmu.unlearning.neurons.mlp_neurons import Mlp


@dataclass(frozen=True)
class NeuronActivity:
    """Sums over tokens, or patches of images, of what neurons put out; each [n], float64 on the CPU.

    Attributes:
        tokens: how many were summed over; 0 for a vision tower that saw no image.
        total: sum of the values.
        absolute: sum of their absolute values.
        square: sum of their squares.
        active: how many values are further from 0 than a threshold.
    """

    tokens: int
    total: Tensor
    absolute: Tensor
    square: Tensor
    active: Tensor

    @property
    def mean_absolute(self) -> Tensor:
        """Mean absolute value, [n]."""
        return self.absolute / max(1, self.tokens)

    @property
    def variance(self) -> Tensor:
        """Variance, [n]."""
        count = max(1, self.tokens)
        return (self.square / count - (self.total / count).square()).clamp(min=0)


def activity_of(values: Tensor, threshold: float) -> NeuronActivity:
    """The sums over some values, [tokens, n]."""
    rows = values.double()
    active = (rows.abs() > threshold).sum(0).double()
    sums = (rows.sum(0), rows.abs().sum(0), rows.square().sum(0), active)
    return NeuronActivity(len(rows), *(each.cpu() for each in sums))


@torch.no_grad()
def neuron_activity(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    language: Sequence[Mlp],
    vision: Sequence[Mlp],
    threshold: float,
    batch_size: int,
    progress: Progress | None = None,
) -> list[NeuronActivity]:
    """Run a model on samples and sum up what the neurons of some MLPs put out.

    Args:
        loaded: the model; it is left in evaluation mode.
        samples: what it reads, answers included.
        language: MLPs of the decoder; padding does not count.
        vision: MLPs of the vision tower; all that it computes counts.
        threshold: distance from 0 beyond which a neuron is active.
        batch_size: samples in one forward pass.
        progress: called with the samples read and the samples there are.

    Returns:
        The activity of each MLP of the decoder, then of each of the vision tower.

    Raises:
        UserError: if there is no sample.
    """
    counters = [_Counter(mlp, threshold, is_language=mlp in language) for mlp in (*language, *vision)]
    with ExitStack() as stack:
        for counter in counters:
            layer = loaded.model.get_submodule(counter.mlp.output)
            stack.callback(layer.register_forward_pre_hook(counter).remove)
        for batch, mask in masked_batches(loaded, samples, "all", batch_size, progress):
            for counter in counters:
                counter.mask = mask
            loaded.model(**batch, use_cache=False)
    return [counter.activity for counter in counters]


class _Counter:
    """A hook before the layer that reads an MLP's neurons."""

    def __init__(self, mlp: Mlp, threshold: float, *, is_language: bool) -> None:
        self.mlp = mlp
        self.mask = torch.empty(0, dtype=torch.bool)
        self.activity = activity_of(torch.empty(0, mlp.neurons), threshold)
        self._threshold = threshold
        self._is_language = is_language

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        values = inputs[0]
        rows = values[self.mask] if self._is_language else values.flatten(0, -2)
        more, before = activity_of(rows, self._threshold), self.activity
        self.activity = NeuronActivity(
            before.tokens + more.tokens,
            before.total + more.total,
            before.absolute + more.absolute,
            before.square + more.square,
            before.active + more.active,
        )
