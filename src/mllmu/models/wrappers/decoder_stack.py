"""A small decoder beside a model's own: a copy of its first layers, which reads what the model reads.

Legend of shapes: b rows, t tokens, d hidden width.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from mllmu.models.model_parts import module_map


class DecoderStack(nn.Module):
    """The first layers of a model's decoder and its last norm, copied.

    Its keys and values lie in the model's cache, in layers after the model's own, so that whatever is done to
    the cache (prefixes, batches, dropped rows) is done to them.

    Args:
        model: the model; nothing of it changes.
        layers: how many layers to copy.
        first: number of its first layer in the cache.
    """

    def __init__(self, model: Any, layers: int, first: int) -> None:
        super().__init__()
        decoder = decoder_of(model)
        whole, embedding = decoder.layers, model.get_input_embeddings()
        decoder.layers = whole[:layers]
        try:
            # What it reads is embedded already; the embedding would be most of the copy.
            self.decoder = deepcopy(decoder, {id(embedding): nn.Identity()})
        finally:
            decoder.layers = whole
        self.first, self.layers = first, layers
        for module in self.decoder.modules():
            # Hooks of the model's own layers are not for the copies.
            module._forward_hooks.clear()
            module._forward_pre_hooks.clear()
            if hasattr(module, "layer_idx"):
                module.layer_idx += first

    def forward(self, *inputs: Any, **named: Any) -> Tensor:
        """Last hidden states [b, t, d] for the inputs that the model's own decoder is about to be given."""
        cache = named.get("past_key_values")
        if cache is not None:
            _make_room(cache, self.first, self.layers)
        read = named["inputs_embeds"]
        if not torch.is_autocast_enabled(read.device.type):
            # A training in float32 does not know of weights beside the model's.
            dtype = next(self.parameters()).dtype
            named = {name: _as(dtype, value) for name, value in named.items()}
        states: Tensor = self.decoder(*inputs, **named).last_hidden_state
        return states.to(read.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """Its weights, by name."""
        return dict(self.decoder.state_dict())


def decoder_of(model: Any) -> Any:
    """The module that holds a model's decoder layers, its embedding and its last norm."""
    return model.get_submodule(module_map(model).layers[0].rsplit(".", 2)[0])


def embedded(decoder: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """A decoder's inputs with its tokens embedded, which most models do before they call it."""
    if inputs.get("inputs_embeds") is None:
        embeds = decoder.get_input_embeddings()(inputs["input_ids"])
        return {**inputs, "input_ids": None, "inputs_embeds": embeds}
    return inputs


def _as(dtype: torch.dtype, value: Any) -> Any:
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() else value


def with_cache(decoder: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """A decoder's inputs with the cache that it would make for itself, so that stacks share it."""
    wanted = inputs.get("use_cache")
    if wanted is None:
        wanted = getattr(decoder.config, "use_cache", False) and not decoder.training
    if wanted and inputs.get("past_key_values") is None:
        return {**inputs, "use_cache": True, "past_key_values": DynamicCache(config=decoder.config)}
    return {**inputs, "use_cache": bool(wanted)}


def _make_room(cache: Cache, first: int, layers: int) -> None:
    """Let a cache that was made with as many layers as the model has have those of a stack, too.

    A copied layer is kept as long as the one that it is a copy of, because one mask serves both: all that was
    read, or a window of it. Stacks lie behind each other and are copies of the same layers.
    """
    if cache.layer_class_to_replicate is None:
        for number in range(len(cache.layers), first + layers):
            copied = cache.layers[(number - first) % layers]
            if isinstance(copied, DynamicSlidingWindowLayer):
                cache.layers.append(DynamicSlidingWindowLayer(copied.sliding_window))
            else:
                cache.layers.append(DynamicLayer())
