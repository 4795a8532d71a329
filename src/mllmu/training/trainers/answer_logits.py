"""Logits at the answer tokens of a batch, and at no other tokens.

Legend of shapes: b rows, t tokens, n answer tokens in all rows, d hidden width, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.models.inputs.cross_attention import by_images
from mllmu.models.packing.attention_masks import additive
from mllmu.training.packing.row_packer import PackedRows

_MASK = "answer_mask"


@dataclass(frozen=True)
class AnswerLogits:
    """Predictions of the answer tokens of a batch, row by row.

    Attributes:
        logits: [n, v] float32.
        targets: [n] the tokens that should be predicted.
        mask: [b, t] true where the input token is an answer token; it has n true entries.
        index: [n] where the answer tokens stood in the flattened rows of the forward pass, if these were
            packed; None if they were those of the batch.
    """

    logits: Tensor
    targets: Tensor
    mask: Tensor
    index: Tensor | None = None

    def all_log_probs(self) -> Tensor:
        """Log-probabilities of the whole vocabulary at every answer token, [n, v]."""
        return self.logits.log_softmax(dim=-1)

    def token_log_probs(self) -> Tensor:
        """Log-probability of every answer token, [b, t]; zero elsewhere."""
        chosen = -nn.functional.cross_entropy(self.logits, self.targets, reduction="none")
        return torch.zeros_like(self.mask, dtype=chosen.dtype).masked_scatter(self.mask, chosen)

    def of_answers(self, values: Tensor) -> Tensor:
        """What a hook kept of the forward pass, [rows, tokens, ...], at the answer tokens, [n, ...]."""
        return values[self.mask] if self.index is None else values.flatten(0, 1)[self.index]


def answer_logits(
    model: nn.Module, batch: Mapping[str, Tensor], packed: PackedRows | None = None
) -> AnswerLogits:
    """Run a model on a collated batch and predict its answer tokens.

    The output layer sees the answer positions alone: with a vocabulary of 32,000 it would otherwise cost more
    memory than the rest of the model. It is the model's own forward pass that runs, with all that is hooked
    to it (adapters, sharded weights).

    Args:
        model: an image-text-to-text model, with or without PEFT adapters.
        batch: what ``models.collate`` made, on the model's device.
        packed: the same samples as a ``RowPacker`` made them; the model then reads these rows instead, with
            the same result up to rounding, where no dropout is drawn.
    """
    # The first token of a row is predicted by nothing.
    mask = batch[_MASK].clone()
    mask[:, 0] = False
    targets = batch["input_ids"][mask]
    if packed is None:

        def logits(rows: dict[str, Tensor]) -> Tensor:
            predicting = rows.pop(_MASK)[:, 1:]
            with output_layer_reads(model, lambda hidden: hidden[:, :-1][predicting]):
                return model(**rows, use_cache=False).logits[0]

        inputs = {**model_inputs(model, batch), _MASK: mask}
        predicted = by_images(inputs, logits, mask.sum(dim=1))
        return AnswerLogits(predicted.float(), targets, mask)
    packed_rows = {**model_inputs(model, packed["inputs"]), "attention_mask": _additive(packed, model)}
    with output_layer_reads(model, lambda hidden: hidden.flatten(0, 1)[packed["predicting"]]):
        predicted = model(**packed_rows, use_cache=False).logits[0]
    return AnswerLogits(predicted.float(), targets, mask, packed["answering"])


def _additive(packed: PackedRows, model: nn.Module) -> Tensor | dict[str, Tensor]:
    """The rows' attention masks in the number format in which the model computes attention scores."""
    parameter = next(model.parameters())
    kind = parameter.device.type
    autocast = torch.is_autocast_enabled(kind)
    return additive(packed["visible"], torch.get_autocast_dtype(kind) if autocast else parameter.dtype)


def model_inputs(model: nn.Module, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a model reads of a collated batch, in the number format of its weights."""
    dtype = next(model.parameters()).dtype
    return {
        key: value.to(dtype) if value.is_floating_point() else value
        for key, value in batch.items()
        if key != _MASK
    }


def without_adapters(model: Any) -> Any:
    """The model that PEFT's adapters were put into, or the model itself where there are none."""
    unwrap = getattr(model, "get_base_model", None)
    return model if unwrap is None else unwrap()


@contextmanager
def output_layer_reads(model: Any, choose: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While it lasts, let the output layer of a model see some positions only.

    Args:
        model: with or without PEFT adapters.
        choose: [b, t, d], the hidden states -> [n, d], those to see; logits are [1, n, v] then.
    """
    head = without_adapters(model).get_output_embeddings()
    # Before what wrappers have hooked to it, which looks at the same positions then.
    handle = head.register_forward_pre_hook(
        lambda module, arguments: (choose(arguments[0])[None],), prepend=True
    )
    try:
        yield
    finally:
        handle.remove()
