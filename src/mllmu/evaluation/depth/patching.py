"""Predicting answers while one decoder layer's hidden states are replaced by those of another model.

Legend of shapes: b rows, t tokens, n patched positions in all rows, d hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import Enum
from typing import Any

import torch
from torch import Tensor

from mllmu.models import module_map
from mllmu.training.trainers.answer_logits import answer_logits


class PatchedAt(str, Enum):
    """The positions of a prompt and its answer at which hidden states are replaced.

    Attributes:
        VALUE: those from which the tokens of the value are predicted. The state at position t predicts token
            t + 1, so they begin with the token before the value and end before its last one. This is what
            ``span`` means in the code of arXiv 2605.24614.
        IMAGE: those of the tokens that stand for features of a picture.
    """

    VALUE = "value"
    IMAGE = "image"


def patched_positions(at: PatchedAt, batch: Mapping[str, Tensor], feature_id: int | None) -> Tensor:
    """Which positions of a batch are patched, bool [b, t].

    Args:
        at: the kind of positions.
        batch: what ``models.collate`` made; its ``answer_mask`` is true for tokens of the value.
        feature_id: the token that stands for a feature of a picture; None where there is none.
    """
    if at is PatchedAt.VALUE:
        # The first token of a row is a prompt's, so that nothing comes around from the front.
        return batch["answer_mask"].bool().roll(-1, dims=1)
    is_token = batch["attention_mask"].bool()
    return is_token & (batch["input_ids"] == feature_id) if feature_id is not None else is_token & False


@torch.no_grad()
def value_log_probs(model: Any, batch: Mapping[str, Tensor]) -> Tensor:
    """Mean log-probability of the tokens of the value in each row, each given all before it, [b] float64.

    Args:
        model: an image-text-to-text model in evaluation mode.
        batch: what ``models.collate`` made, on the model's device; its ``answer_mask`` is true for tokens of
            the value, of which every row has at least one.
    """
    answers = answer_logits(model, batch)
    return answers.token_log_probs().double().sum(dim=1) / answers.mask.sum(dim=1)


@torch.no_grad()
def layer_states(model: Any, batch: Mapping[str, Tensor], positions: Tensor) -> dict[str, Tensor]:
    """What every decoder layer puts out at some positions, by the layer's name, [n, d] each.

    Args:
        model: an image-text-to-text model in evaluation mode.
        batch: rows with equally many pictures, as for `value_log_probs`.
        positions: bool [b, t].
    """
    states: dict[str, Tensor] = {}

    def keep(layer: str) -> Any:
        return lambda module, inputs, output: states.update({layer: _hidden(output)[positions]})

    with ExitStack() as stack:
        for layer in module_map(model).layers:
            handle = model.get_submodule(layer).register_forward_hook(keep(layer))
            stack.callback(handle.remove)
        answer_logits(model, batch)
    return states


@contextmanager
def patched(model: Any, layer: str, positions: Tensor, states: Tensor) -> Iterator[None]:
    """Let a decoder layer put out other hidden states at some positions, as long as the block lasts.

    Args:
        model: an image-text-to-text model.
        layer: the layer's name, as ``module_map`` gives it.
        positions: bool [b, t], of the batch that is computed in the block.
        states: [n, d].
    """

    def replace(module: Any, inputs: Any, output: Any) -> Any:
        hidden = _hidden(output).clone()
        hidden[positions.to(hidden.device)] = states.to(hidden)
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    handle = model.get_submodule(layer).register_forward_hook(replace)
    try:
        yield
    finally:
        handle.remove()


def patched_log_probs(
    vanilla: Any, batch: Mapping[str, Tensor], layer: str, positions: Tensor, states: Tensor
) -> Tensor:
    """`value_log_probs` of a model one of whose layers is `patched`, [b]."""
    with patched(vanilla, layer, positions, states):
        return value_log_probs(vanilla, batch)


def _hidden(output: Any) -> Tensor:
    """The hidden states [b, t, d] among what a decoder layer puts out."""
    hidden: Tensor = output[0] if isinstance(output, tuple) else output
    return hidden
