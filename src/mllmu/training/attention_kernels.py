"""Which attention implementation a model trains with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from transformers import PreTrainedModel

from mllmu.models import module_map


@contextmanager
def fast_attention(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Let the language model attend by matrix products on a CPU; elsewhere, and afterwards, as it did.

    On a CPU the fused attention's backward pass is slow for rows as short as a question's. Both compute the
    same function.

    Args:
        model: an image-text-to-text model.
        device: where it is.
    """
    language = model.get_submodule(module_map(model).language_model)
    if device.type != "cpu" or not isinstance(language, PreTrainedModel):
        yield
        return
    before = language.config._attn_implementation
    language.set_attn_implementation("eager")
    try:
        yield
    finally:
        language.set_attn_implementation(before)
