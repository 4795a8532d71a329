"""The neurons that have most to do with what is to be forgotten, modality by modality (MIP-Editor)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from mllmu.models import LoadedModel, collate
from mllmu.progress import Progress, counted
from mllmu.training import Sample, SampleDataset
from mllmu.training.settings import Precision
from mllmu.unlearning.forget_tokens import ForgetTokenChoice
from mllmu.unlearning.neurons.mlp_neurons import Mlp
from mllmu.unlearning.neurons.neuron_attribution import (
    Positions,
    activation_path,
    integrated_gradients,
    integrated_squared_gradients,
)

Position = Literal["first", "answer"]


def influential_by_name(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    choice: ForgetTokenChoice | None,
    mlps: Sequence[Mlp],
    position: Position,
    steps: int,
    count: int,
    precision: Precision,
    progress: Progress | None = None,
) -> list[Tensor]:
    """The decoder's neurons of highest integrated gradients, layer by layer along a path.

    Args:
        loaded: the model, in evaluation mode.
        samples: questions by name.
        choice: which tokens of their answers count.
        mlps: of the decoder, first layer first.
        position: where neurons are turned on: at the first token, or where answer tokens are predicted.
        steps: of the integration.
        count: neurons per layer and sample.
        precision: in which the training computes.
        progress: called with the samples read and the samples there are.

    Returns:
        Per MLP the neurons that are chosen for any sample, ascending.
    """
    chosen = [torch.zeros(mlp.neurons, dtype=torch.bool) for mlp in mlps]
    for batch, predicting in _single(loaded, samples, choice, progress):
        turned = torch.arange(len(predicting)) == 0 if position == "first" else predicting
        earlier: Tensor | float = 0.0
        for mlp, mask in zip(mlps, chosen, strict=True):
            path = activation_path(loaded.model, mlp.output, batch, _always(turned), steps, precision)
            before = torch.zeros(len(path.activations)).to(path.activations) + earlier
            best = _largest(integrated_gradients(path, before), count)
            earlier = before + path.gradients.mean(dim=0)[:, best].sum(dim=1)
            mask[best.cpu()] = True
    return [mask.nonzero().flatten() for mask in chosen]


def influential_by_sight(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    choice: ForgetTokenChoice | None,
    mlps: Sequence[Mlp],
    position: Position,
    steps: int,
    count: int,
    precision: Precision,
    progress: Progress | None = None,
) -> list[Tensor]:
    """The vision tower's neurons of highest integrated squared gradients.

    Arguments and result as of `influential_by_name`, but for ``samples``, questions with a picture, and
    ``position``: at the first patch, or at all.
    """
    turned: Positions = _first_row if position == "first" else _all_rows
    chosen = [torch.zeros(mlp.neurons, dtype=torch.bool) for mlp in mlps]
    for batch, _ in _single(loaded, samples, choice, progress):
        for mlp, mask in zip(mlps, chosen, strict=True):
            path = activation_path(loaded.model, mlp.output, batch, turned, steps, precision)
            best = _largest(integrated_squared_gradients(path), count)
            mask[best.cpu()] = True
    return [mask.nonzero().flatten() for mask in chosen]


def _largest(influence: Tensor, count: int) -> Tensor:
    """Which neurons have the largest influence, but none that has none.

    In a layer whose first row nobody reads, as that of a class token, no neuron of that row has any.
    """
    best = influence.topk(min(count, len(influence)))
    return best.indices[best.values != 0]


def _single(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    choice: ForgetTokenChoice | None,
    progress: Progress | None,
) -> Iterator[tuple[dict[str, Any], Tensor]]:
    """Each sample on its own, and the positions from which its answer tokens are predicted."""
    items = SampleDataset(loaded, samples, choice)
    for (index,) in counted(((index,) for index in range(len(items))), len(items), progress):
        batch = collate([items[index]], loaded.encoder.pad_id, side="right")
        predicting = items[index].answer_mask.roll(-1)
        yield {key: value.to(loaded.device) for key, value in batch.items()}, predicting


def _always(positions: Tensor) -> Positions:
    return lambda rows: positions


def _first_row(rows: int) -> Tensor:
    return torch.arange(rows) == 0


def _all_rows(rows: int) -> Tensor:
    return torch.ones(rows, dtype=torch.bool)
