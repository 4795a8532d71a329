"""Trainings that destroy what they train."""

from __future__ import annotations

import torch
from torch import nn

from mllmu.errors import DivergedError


def require_finite(model: nn.Module, what: str) -> None:
    """Raise if a training has destroyed weights.

    Raises:
        DivergedError: if a weight is infinite or not a number.
    """
    for name, parameter in model.named_parameters():
        if not torch.isfinite(parameter).all():
            raise diverged(what, f"weight '{name}' is no longer a finite number")


def diverged(what: str, how: str) -> DivergedError:
    """The error to raise: which training diverged, how, and what to do."""
    return DivergedError(
        f"{what} diverged: {how}; expected a smaller learning_rate or max_grad_norm, or a shorter training."
    )
