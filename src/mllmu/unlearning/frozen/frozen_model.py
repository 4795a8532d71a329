"""What the model predicts before unlearning, computed once, so that no second copy of it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import Tensor

from mllmu.progress import Progress, counted
from mllmu.training import EncodedItems
from mllmu.training.data.answer_collator import AnswerBatch, AnswerCollator
from mllmu.training.data.portrait_units import portrait_units, whole_in_batches
from mllmu.training.precision import autocast
from mllmu.training.settings import Precision
from mllmu.training.trainers.answer_logits import AnswerLogits, answer_logits
from mllmu.unlearning.answer_states import answer_states
from mllmu.unlearning.losses import sample_log_probs


@torch.no_grad()
def answer_log_probs(
    model: Any,
    items: EncodedItems,
    collator: AnswerCollator,
    batch_size: int,
    precision: Precision,
    progress: Progress | None = None,
) -> Tensor:
    """Log-probability of each item's whole answer, [items], on the CPU.

    Args:
        model: the model before unlearning; it is left in evaluation mode.
        items: prompts with answers.
        collator: makes batches of them.
        batch_size: items in one forward pass.
        precision: that of the training, so that both are rounded alike.
        progress: called with the items read and the items there are.
    """
    values = torch.empty(len(items))
    for positions, answers in _forward(model, items, collator, batch_size, precision, progress):
        values[positions] = sample_log_probs(answers.token_log_probs(), answers.mask).cpu()
    return values


@torch.no_grad()
def answer_distributions(
    model: Any,
    items: EncodedItems,
    collator: AnswerCollator,
    batch_size: int,
    precision: Precision,
    progress: Progress | None = None,
) -> list[Tensor]:
    """Log-probabilities of the whole vocabulary at each item's answer tokens, [tokens, v] each, on the CPU.

    They take 4 bytes for each answer token and vocabulary entry. Arguments as for ``answer_log_probs``.
    """
    values: list[Tensor] = [torch.empty(0)] * len(items)
    for positions, answers in _forward(model, items, collator, batch_size, precision, progress):
        rows = answers.all_log_probs().cpu().split(answers.mask.sum(dim=1).tolist())
        for position, row in zip(positions, rows, strict=True):
            values[position] = row
    return values


@torch.no_grad()
def frozen_states(
    model: Any,
    items: EncodedItems,
    collator: AnswerCollator,
    batch_size: int,
    precision: Precision,
    layer: str,
    progress: Progress | None = None,
) -> list[Tensor]:
    """Hidden states of a decoder layer at each item's answer tokens, [tokens, d] each, on the CPU.

    Arguments as for ``answer_log_probs``, and ``layer``, as ``module_map`` gives it.
    """
    values: list[Tensor] = [torch.empty(0)] * len(items)
    for positions, batch in _batches(model, items, collator, batch_size, progress):
        inputs = batch["inputs"]
        with autocast(precision, inputs["input_ids"].device):
            states = answer_states(model, inputs, layer)
        rows = states.cpu().split(inputs["answer_mask"].sum(dim=1).tolist())
        for position, row in zip(positions, rows, strict=True):
            values[position] = row
    return values


def _forward(
    model: Any,
    items: EncodedItems,
    collator: AnswerCollator,
    batch_size: int,
    precision: Precision,
    progress: Progress | None,
) -> Iterator[tuple[list[int], AnswerLogits]]:
    """Positions of a batch and what the model predicts there."""
    for positions, batch in _batches(model, items, collator, batch_size, progress):
        with autocast(precision, batch["inputs"]["input_ids"].device):
            answers = answer_logits(model, batch["inputs"], batch.get("packed"))
        yield positions, answers


def _batches(
    model: Any,
    items: EncodedItems,
    collator: AnswerCollator,
    batch_size: int,
    progress: Progress | None,
) -> Iterator[tuple[list[int], AnswerBatch]]:
    """Positions of a batch, and the batch on the model's device.

    Rows of one length go together, or, where they are packed, questions about one portrait.
    """
    model.eval()
    device = next(model.parameters()).device
    rows = [items[index] for index in range(len(items))]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    if collator.packer is not None:
        portraits = [id(row.vision) if row.vision else None for row in rows]
        order = whole_in_batches(portrait_units(order, portraits, batch_size), batch_size)
    batches = (order[start : start + batch_size] for start in range(0, len(order), batch_size))
    for positions in counted(batches, len(order), progress):
        yield positions, send_to_device(collator([rows[index] for index in positions]), device)
