"""Which parameters a training changes: freezing, LoRA adapters and number formats."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from mllmu.errors import UserError
from mllmu.models import module_map
from mllmu.training.attention_kernels import fast_attention
from mllmu.training.merged_share import tell_of_rounding
from mllmu.training.precision import uses_bfloat16
from mllmu.training.rounded_weights import rounded_weights
from mllmu.training.settings import LoraSettings, OptimizationSettings


@contextmanager
def trainable(
    model: nn.Module, settings: OptimizationSettings, seed: int, only: Collection[str] | None = None
) -> Iterator[Any]:
    """The model as it is to be trained; afterwards adapters are merged and all weights have their old type.

    Weights that learn are float32 meanwhile: a bfloat16 weight swallows updates below a 256th of itself. So
    are all others where nothing casts between the two.

    Args:
        model: what to train.
        settings: which parts learn, and whether through adapters.
        seed: draws the adapters; the caller keeps the global random state.
        only: names of the weights that learn at most, where no adapters are asked for; None for all that the
            settings name.

    Yields:
        The model itself, or its PEFT wrapper where adapters are asked for.

    Raises:
        UserError: if the model was loaded with rounded weights, or they are asked for and bitsandbytes is not
            installed.
    """
    _require_whole_weights(model)
    before = {name: (p, p.requires_grad, p.dtype) for name, p in model.named_parameters()}
    torch.manual_seed(seed)
    _choose(model, settings)
    if only is not None:
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(parameter.requires_grad and name in only)
    learner: Any = model if settings.lora is None else _with_adapters(model, settings.lora, settings)
    device = next(model.parameters()).device
    casts = uses_bfloat16(settings.precision, device)
    for parameter in model.parameters():
        if parameter.requires_grad or not casts:
            parameter.data = parameter.data.to(torch.float32)
    try:
        with rounded_weights(model, settings), fast_attention(model, device):
            yield learner
    finally:
        for parameter, requires_grad, dtype in before.values():
            parameter.requires_grad_(requires_grad)
            parameter.data = parameter.data.to(dtype)
            parameter.grad = None
        if learner is not model:
            # Into weights of their old type, as when a stored adapter is loaded.
            tell_of_rounding(learner)
            learner.merge_and_unload()
        model.eval()


def _require_whole_weights(model: nn.Module) -> None:
    for name, weight in model.named_parameters():
        if not weight.is_floating_point():
            raise UserError(
                f"Weight '{name}' is of type {str(weight.dtype).removeprefix('torch.')}, as models with "
                "rounded weights have them, which cannot be trained; expected the model that it was made of."
            )


def _choose(model: nn.Module, settings: OptimizationSettings) -> None:
    """Let the language model learn, and the vision tower and the projector where that is wanted."""
    parts = module_map(model)
    model.requires_grad_(True)
    model.get_submodule(parts.vision_tower).requires_grad_(settings.train_vision)
    # After the vision tower: in some families the projector is a part of it.
    model.get_submodule(parts.projector).requires_grad_(settings.train_projector)


def lora_config(model: nn.Module, lora: LoraSettings) -> Any:
    """PEFT's settings of adapters on every linear layer of the decoder, addressed by full name."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]
        lora_dropout=lora.dropout,
        target_modules=list(module_map(model).linear),
        bias="none",
    )


def _with_adapters(model: nn.Module, lora: LoraSettings, settings: OptimizationSettings) -> Any:
    from peft import get_peft_model

    parts = module_map(model)
    wrapped = get_peft_model(model, lora_config(model, lora))  # type: ignore[arg-type]
    # PEFT froze everything but the adapters.
    model.get_submodule(parts.vision_tower).requires_grad_(settings.train_vision)
    model.get_submodule(parts.projector).requires_grad_(settings.train_projector)
    return wrapped


def learned_parameters(model: nn.Module, settings: OptimizationSettings) -> frozenset[str]:
    """Names of the parameters that may differ after a training; `trainable` leaves all others as they are."""
    parts = module_map(model)

    def learns(name: str) -> bool:
        if name.startswith(f"{parts.projector}."):  # first: in some families it is a part of the vision tower
            return settings.train_projector
        if name.startswith(f"{parts.vision_tower}."):
            return settings.train_vision
        return settings.lora is None or name.removesuffix(".weight") in parts.linear

    return frozenset(name for name, _ in model.named_parameters() if learns(name))


def learned_modules(model: nn.Module, settings: OptimizationSettings) -> list[str]:
    """Names of the modules that learn as a whole beside adapters, none of them inside another."""
    parts = module_map(model)
    tower = [parts.vision_tower] if settings.train_vision else []
    inside = bool(tower) and parts.projector.startswith(f"{parts.vision_tower}.")
    return tower + ([parts.projector] if settings.train_projector and not inside else [])
