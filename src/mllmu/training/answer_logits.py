"""Logits at the answer tokens of a batch, and at no other tokens.

Legend of shapes: b rows, t tokens, n answer tokens in all rows, d hidden width, v vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from mllmu.models.cross_attention import by_images

# Heads that change logits after the output layer; for them only the model's own forward is right.
_LOGIT_CHANGES = ("final_logit_softcapping", "logit_scale", "logits_scaling", "mup_output_multiplier")


@dataclass(frozen=True)
class AnswerLogits:
    """Predictions of the answer tokens of a batch, row by row.

    Attributes:
        logits: [n, v] float32.
        targets: [n] the tokens that should be predicted.
        mask: [b, t] true where the input token is an answer token; it has n true entries.
    """

    logits: Tensor
    targets: Tensor
    mask: Tensor

    def all_log_probs(self) -> Tensor:
        """Log-probabilities of the whole vocabulary at every answer token, [n, v]."""
        return self.logits.log_softmax(dim=-1)

    def token_log_probs(self) -> Tensor:
        """Log-probability of every answer token, [b, t]; zero elsewhere."""
        chosen = -nn.functional.cross_entropy(self.logits, self.targets, reduction="none")
        return torch.zeros_like(self.mask, dtype=chosen.dtype).masked_scatter(self.mask, chosen)


def answer_logits(model: nn.Module, batch: Mapping[str, Tensor]) -> AnswerLogits:
    """Run a model on a collated batch and predict its answer tokens.

    The output layer sees the answer positions alone: with a vocabulary of 32,000 it would otherwise cost more
    memory than the rest of the model.

    Args:
        model: an image-text-to-text model, with or without PEFT adapters.
        batch: what ``models.collate`` made, on the model's device.
    """
    inputs = dict(batch)
    mask = inputs.pop("answer_mask").clone()
    # The first token of a row is predicted by nothing.
    mask[:, 0] = False
    targets = inputs["input_ids"][mask]
    dtype = next(model.parameters()).dtype
    inputs = {key: value.to(dtype) if value.is_floating_point() else value for key, value in inputs.items()}
    unwrap = getattr(model, "get_base_model", None)  # PEFT's
    whole: Any = model if unwrap is None else unwrap()
    if _has_plain_head(whole):
        hidden = by_images(inputs, lambda rows: whole.base_model(**rows, use_cache=False).last_hidden_state)
        logits = whole.get_output_embeddings()(hidden[:, :-1][mask[:, 1:]])
    else:
        logits = by_images(inputs, lambda rows: model(**rows, use_cache=False).logits)[:, :-1][mask[:, 1:]]
    return AnswerLogits(logits.float(), targets, mask)


def _has_plain_head(model: Any) -> bool:
    """Whether logits are the output layer of the base model's last hidden states and nothing else."""
    if not isinstance(model, PreTrainedModel) or model.base_model is model:
        return False
    text = model.config.get_text_config()
    changed = any(getattr(text, name, None) is not None for name in _LOGIT_CHANGES)
    return model.get_output_embeddings() is not None and not changed
