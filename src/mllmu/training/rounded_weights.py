"""Frozen weights of 4 or 8 bits while adapters learn (QLoRA, arXiv 2305.14314), by bitsandbytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from mllmu.errors import UserError
from mllmu.models import module_map
from mllmu.training.precision import uses_bfloat16
from mllmu.training.settings import OptimizationSettings


def require_bitsandbytes(settings: OptimizationSettings) -> None:
    """Refuse short weights where nothing makes them.

    Raises:
        UserError: if they are asked for and bitsandbytes is not installed.
    """
    if settings.frozen_weights is None:
        return
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise UserError(
            f"The setting 'frozen_weights' is '{settings.frozen_weights}', which needs bitsandbytes; "
            "expected: pip install 'mllmu[gpu]'."
        ) from None


@contextmanager
def rounded_weights(model: nn.Module, settings: OptimizationSettings) -> Iterator[None]:
    """Meanwhile the linear layers below adapters hold 4 or 8 bits a weight, where settings ask for that.

    Their own weights wait in the computer's memory and come back to the last bit. So adapters are merged into
    what the model was loaded with, and not into rounded weights, in which most of what they learned would be
    rounded away.

    Args:
        model: the model, with adapters.
        settings: of the training.

    Raises:
        UserError: if bitsandbytes is not installed.
    """
    if settings.frozen_weights is None:
        yield
        return
    require_bitsandbytes(settings)
    from peft.tuners.lora import LoraLayer

    device = next(model.parameters()).device
    computed_in = torch.bfloat16 if uses_bfloat16(settings.precision, device) else torch.float32
    decoder = model.get_submodule(module_map(model).language_model)
    layers: list[Any] = [one for one in decoder.modules() if isinstance(one, LoraLayer)]
    whole = [layer.base_layer for layer in layers]
    for layer, linear in zip(layers, whole, strict=True):
        layer.base_layer = _rounded(linear, settings.frozen_weights, computed_in, device)
        linear.to("cpu")
    try:
        yield
    finally:
        for layer, linear in zip(layers, whole, strict=True):
            layer.base_layer = linear.to(device)


def _rounded(linear: nn.Linear, bits: str, computed_in: torch.dtype, device: torch.device) -> nn.Module:
    """A layer with a linear layer's weights, rounded."""
    import bitsandbytes as bnb

    shape = linear.in_features, linear.out_features
    bias = linear.bias is not None
    rounded: Any
    if bits == "4bit":
        rounded = bnb.nn.Linear4bit(*shape, bias=bias, compute_dtype=computed_in, quant_type="nf4")
        weight: Any = bnb.nn.Params4bit(linear.weight.data, requires_grad=False, quant_type="nf4")
    else:
        rounded = bnb.nn.Linear8bitLt(*shape, bias=bias, has_fp16_weights=False)
        weight = bnb.nn.Int8Params(linear.weight.data, requires_grad=False, has_fp16_weights=False)
    rounded.weight = weight
    if bias:
        rounded.bias = nn.Parameter(linear.bias.data.clone(), requires_grad=False)
    return rounded.to(device)
