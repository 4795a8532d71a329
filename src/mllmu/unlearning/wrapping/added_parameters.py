"""Training what a wrapper adds, and nothing of the model that it stands around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import nn

from mllmu.errors import UserError
from mllmu.training import OptimizationSettings
from mllmu.training.attention_kernels import fast_attention

_NAME = "added"


def refuse_settings(settings: OptimizationSettings, names: Sequence[str], who: str) -> None:
    """Refuse settings that are for the parameters of a model, which do not learn here.

    Args:
        settings: how is to be trained.
        names: of settings that would do nothing.
        who: whose they are, as the sentence about a mistake begins.

    Raises:
        UserError: if one of them is not at its default.
    """
    fields = type(settings).model_fields
    if chosen := [name for name in names if getattr(settings, name) != fields[name].default]:
        raise UserError(
            f"{who} trains what it adds to the model, and nothing else; expected no setting "
            f"{' or '.join(map(repr, chosen))}."
        )


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
    own = {parameter: parameter.requires_grad for parameter in model.parameters()}
    kinds = {parameter: parameter.dtype for parameter in added.parameters()}
    model.requires_grad_(False)
    model.add_module(_NAME, added)
    added.requires_grad_(True).float()
    try:
        with fast_attention(model, next(model.parameters()).device):
            yield model
    finally:
        delattr(model, _NAME)
        for parameter, dtype in kinds.items():
            parameter.data = parameter.data.to(dtype)
            parameter.grad = None
        added.requires_grad_(False)
        for parameter, requires_grad in own.items():
            parameter.requires_grad_(requires_grad)
        model.eval()
        added.eval()
