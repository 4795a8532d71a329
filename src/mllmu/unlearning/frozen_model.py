"""What the model predicts before unlearning, computed once, so that no second copy of it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from mllmu.models import collate
from mllmu.training import EncodedItems
from mllmu.training.answer_logits import AnswerLogits, answer_logits
from mllmu.training.precision import autocast
from mllmu.training.settings import Precision
from mllmu.unlearning.answer_states import answer_states
from mllmu.unlearning.losses import sample_log_probs


@torch.no_grad()
def answer_log_probs(
    model: Any, items: EncodedItems, pad_id: int, batch_size: int, precision: Precision
) -> Tensor:
    """Log-probability of each item's whole answer, [items], on the CPU.

    Args:
        model: the model before unlearning; it is left in evaluation mode.
        items: prompts with answers.
        pad_id: token to fill rows up with.
        batch_size: items in one forward pass.
        precision: that of the training, so that both are rounded alike.
    """
    values = torch.empty(len(items))
    for positions, answers in _forward(model, items, pad_id, batch_size, precision):
        values[positions] = sample_log_probs(answers.token_log_probs(), answers.mask).cpu()
    return values


@torch.no_grad()
def answer_distributions(
    model: Any, items: EncodedItems, pad_id: int, batch_size: int, precision: Precision
) -> list[Tensor]:
    """Log-probabilities of the whole vocabulary at each item's answer tokens, [tokens, v] each, on the CPU.

    They take 4 bytes for each answer token and vocabulary entry. Arguments as for ``answer_log_probs``.
    """
    values: list[Tensor] = [torch.empty(0)] * len(items)
    for positions, answers in _forward(model, items, pad_id, batch_size, precision):
        rows = answers.all_log_probs().cpu().split(answers.mask.sum(dim=1).tolist())
        for position, row in zip(positions, rows, strict=True):
            values[position] = row
    return values


@torch.no_grad()
def frozen_states(
    model: Any, items: EncodedItems, pad_id: int, batch_size: int, precision: Precision, layer: str
) -> list[Tensor]:
    """Hidden states of a decoder layer at each item's answer tokens, [tokens, d] each, on the CPU.

    Arguments as for ``answer_log_probs``, and ``layer``, as ``module_map`` gives it.
    """
    values: list[Tensor] = [torch.empty(0)] * len(items)
    for positions, batch in _batches(model, items, pad_id, batch_size):
        with autocast(precision, batch["input_ids"].device):
            states = answer_states(model, batch, layer)
        rows = states.cpu().split(batch["answer_mask"].sum(dim=1).tolist())
        for position, row in zip(positions, rows, strict=True):
            values[position] = row
    return values


def _forward(
    model: Any, items: EncodedItems, pad_id: int, batch_size: int, precision: Precision
) -> Iterator[tuple[list[int], AnswerLogits]]:
    """Positions of a batch and what the model predicts there."""
    for positions, batch in _batches(model, items, pad_id, batch_size):
        with autocast(precision, batch["input_ids"].device):
            answers = answer_logits(model, batch)
        yield positions, answers


def _batches(
    model: Any, items: EncodedItems, pad_id: int, batch_size: int
) -> Iterator[tuple[list[int], dict[str, Tensor]]]:
    """Positions of a batch, and the batch on the model's device; rows of one length go together."""
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(items)), key=lambda index: len(items[index]))
    for start in range(0, len(order), batch_size):
        positions = order[start : start + batch_size]
        batch = collate([items[index] for index in positions], pad_id, side="right")
        yield positions, {key: value.to(device) for key, value in batch.items()}
