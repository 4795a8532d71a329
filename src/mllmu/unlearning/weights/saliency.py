"""How much a loss depends on each weight: gradients over all batches of some samples, without a step between.

The model is in evaluation mode, so that no dropout is drawn; the gradients are float32, in which squares of
small ones are still something.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from mllmu.models import collate
from mllmu.progress import Progress, counted
from mllmu.training import EncodedItems, Precision
from mllmu.training.precision import autocast
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning.losses import answer_nll

Saliency = dict[str, Tensor]
"""Name of a parameter that learns -> its saliency, float32, of the parameter's shape."""


def gradient_sums(
    model: Any,
    items: EncodedItems,
    pad_id: int,
    batch_size: int,
    precision: Precision,
    progress: Progress | None = None,
) -> Saliency:
    """|sum over batches of the gradient of CE| (SalUn, arXiv 2310.12508).

    Args:
        model: what the gradients are of; it is left in evaluation mode.
        items: prompts with answers, at least one.
        pad_id: token to fill rows up with.
        batch_size: items in one batch.
        precision: that of the training.
        progress: called with the items read and the items there are.
    """
    sums: Saliency = {}
    for gradients in _gradients(model, items, pad_id, batch_size, precision, progress):
        for name, gradient in gradients.items():
            sums[name] = sums[name] + gradient if name in sums else gradient
    return {name: total.abs() for name, total in sums.items()}


def squared_gradient_means(
    model: Any,
    items: EncodedItems,
    pad_id: int,
    batch_size: int,
    precision: Precision,
    progress: Progress | None = None,
) -> Saliency:
    """Mean over batches of the squared gradient of the batch's CE (MMUnlearner, arXiv 2502.11051).

    Arguments as for `gradient_sums`.
    """
    sums: Saliency = {}
    for gradients in _gradients(model, items, pad_id, batch_size, precision, progress):
        for name, gradient in gradients.items():
            square = gradient.square()
            sums[name] = sums[name] + square if name in sums else square
    batches = math.ceil(len(items) / batch_size)
    return {name: total / batches for name, total in sums.items()}


def _gradients(
    model: Any,
    items: EncodedItems,
    pad_id: int,
    batch_size: int,
    precision: Precision,
    progress: Progress | None,
) -> Iterator[Saliency]:
    """Of every batch's CE, by every parameter that learns; zero where the batch does not read it."""
    model.eval()
    names, parameters = zip(*((n, p) for n, p in model.named_parameters() if p.requires_grad), strict=True)
    device = parameters[0].device
    indices = range(len(items))
    parts = (indices[start : start + batch_size] for start in range(0, len(items), batch_size))
    for part in counted(parts, len(items), progress):
        rows = [items[index] for index in part]
        batch = {key: value.to(device) for key, value in collate(rows, pad_id, side="right").items()}
        with autocast(precision, device):
            answers = answer_logits(model, batch)
        loss = answer_nll(answers.token_log_probs(), answers.mask)
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        yield dict(zip(names, (gradient.float() for gradient in gradients), strict=True))
