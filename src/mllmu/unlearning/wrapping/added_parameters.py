"""Training what a wrapper adds, and nothing of the model that it stands around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from mllmu.models import LoadedModel
from mllmu.training import OptimizationSettings
from mllmu.training.attention_kernels import fast_attention
from mllmu.training.precision import uses_bfloat16
from mllmu.unlearning.pairing.watch import Watch

_NAME = "added"


def watched_within(watch: Watch | None, state: Callable[[], AbstractContextManager[None]]) -> Watch | None:
    """A watch that looks at a model as it will be asked, while it is in another state to be trained.

    Args:
        watch: who looks; None for nobody.
        state: while it lasts, the model is as it will be asked.
    """
    if watch is None:
        return None
    look = watch.look

    def look_within(loaded: LoadedModel, passes: float) -> None:
        with state():
            look(loaded, passes)

    return replace(watch, look=look_within)


@contextmanager
def only_added(added: nn.Module, model: Any, settings: OptimizationSettings, seed: int) -> Iterator[Any]:
    """While it lasts, the parameters of a wrapper are the model's only ones that learn.

    Args:
        added: the parameters; they are a part of the model meanwhile, and learn in float32.
        model: the model that they are attached to; its own parameters stay as they are, to the last bit.
        settings: how it is trained.
        seed: of the training; nothing is drawn here.

    Yields:
        The model.
    """
    before = {p: (p.requires_grad, p.dtype) for part in (model, added) for p in part.parameters()}
    model.requires_grad_(False)
    model.add_module(_NAME, added)
    added.requires_grad_(True)
    device = next(model.parameters()).device
    for parameter in model.parameters():
        # Those of the model as well where nothing casts between the two.
        if parameter.requires_grad or not uses_bfloat16(settings.precision, device):
            parameter.data = parameter.data.to(torch.float32)
    try:
        with fast_attention(model, device):
            yield model
    finally:
        delattr(model, _NAME)
        for parameter, (requires_grad, dtype) in before.items():
            parameter.requires_grad_(requires_grad)
            parameter.data = parameter.data.to(dtype)
            parameter.grad = None
        model.eval()
        added.eval()
