"""Logits at the answer tokens of a batch, and at no other tokens.

Legend of shapes: b rows, t tokens, n answer tokens in all rows, d hidden width, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from mllmu.models.cross_attention import by_images
from mllmu.models.packing.attention_masks import additive
from mllmu.training.packing.row_packer import PackedRows

# Heads that change logits after the output layer; for them only the model's own forward is right.
_LOGIT_CHANGES = ("final_logit_softcapping", "logit_scale", "logits_scaling", "mup_output_multiplier")


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
    memory than the rest of the model.

    Args:
        model: an image-text-to-text model, with or without PEFT adapters.
        batch: what ``models.collate`` made, on the model's device.
        packed: the same samples as a ``RowPacker`` made them; the model then reads these rows instead, with
            the same result up to rounding, where no dropout is drawn.
    """
    mask = batch["answer_mask"].clone()
    # The first token of a row is predicted by nothing.
    mask[:, 0] = False
    targets = batch["input_ids"][mask]
    if packed is None:
        inputs = {name: tensor for name, tensor in batch.items() if name != "answer_mask"}
        logits = _logits(model, _cast(inputs, model), lambda outputs: outputs[:, :-1][mask[:, 1:]])
        return AnswerLogits(logits.float(), targets, mask)
    rows = {**_cast(packed["inputs"], model), "attention_mask": _additive(packed, model)}
    logits = _logits(model, rows, lambda outputs: outputs.flatten(0, 1)[packed["predicting"]])
    return AnswerLogits(logits.float(), targets, mask, packed["answering"])


def _cast(inputs: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Inputs whose floating-point numbers have the weights' type."""
    dtype = next(model.parameters()).dtype
    return {key: value.to(dtype) if value.is_floating_point() else value for key, value in inputs.items()}


def _additive(packed: PackedRows, model: nn.Module) -> Tensor | dict[str, Tensor]:
    """The rows' attention masks in the number format in which the model computes attention scores."""
    parameter = next(model.parameters())
    kind = parameter.device.type
    autocast = torch.is_autocast_enabled(kind)
    return additive(packed["visible"], torch.get_autocast_dtype(kind) if autocast else parameter.dtype)


def _logits(model: nn.Module, inputs: Mapping[str, Any], needed: Callable[[Tensor], Tensor]) -> Tensor:
    """Logits [n, v], `needed` being what chooses n of a model's outputs [rows, tokens, ...]."""
    unwrap = getattr(model, "get_base_model", None)  # PEFT's
    whole: Any = model if unwrap is None else unwrap()
    if _has_plain_head(whole):
        hidden = by_images(inputs, lambda rows: whole.base_model(**rows, use_cache=False).last_hidden_state)
        logits: Tensor = whole.get_output_embeddings()(needed(hidden))
        return logits
    return needed(by_images(inputs, lambda rows: model(**rows, use_cache=False).logits))


def _has_plain_head(model: Any) -> bool:
    """Whether logits are the output layer of the base model's last hidden states and nothing else."""
    if not isinstance(model, PreTrainedModel) or model.base_model is model:
        return False
    text = model.config.get_text_config()
    changed = any(getattr(text, name, None) is not None for name in _LOGIT_CHANGES)
    return model.get_output_embeddings() is not None and not changed
