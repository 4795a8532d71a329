"""Gradient checkpointing: layers forget what they computed, and compute it again when gradients are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from mllmu.models import module_map

_FORWARD = "forward"


@contextmanager
def checkpointed(model: nn.Module) -> Iterator[None]:
    """Meanwhile passes with gradients keep the inputs of decoder and vision layers, and not what is within.

    Gradients are the same. Each layer's forward is replaced here, not by transformers' own switch, which also
    asks for the gradients of frozen embeddings.

    Args:
        model: an image-text-to-text model.
    """
    parts = module_map(model)
    tower = model.get_submodule(parts.vision_tower).modules()
    layers = [model.get_submodule(name) for name in parts.layers]
    layers += [layer for layer in tower if isinstance(layer, GradientCheckpointingLayer)]
    # What stands in an instance's dictionary hides its class's; accelerate puts hooks there.
    before = [layer.__dict__.get(_FORWARD) for layer in layers]
    for layer in layers:
        layer.forward = partial(_recomputed, layer.forward)
    try:
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            del layer.__dict__[_FORWARD]
            if own is not None:
                layer.forward = own


def _recomputed(forward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*args, **kwargs)
    return checkpoint(partial(forward, **kwargs), *args, use_reentrant=False)
