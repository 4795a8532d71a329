"""Steering hidden states away from where they were (RMU, arXiv 2403.03218).

Legend of shapes: n answer tokens, d hidden width.
"""

from __future__ import annotations

import torch
from torch import Tensor


def random_direction(width: int) -> Tensor:
    """A vector of length 1, [d], uniform in [0, 1) before it is normalised; always the same for one width."""
    drawn = torch.rand(width, generator=torch.Generator().manual_seed(0))
    return drawn / drawn.norm()


def state_distance(states: Tensor, target: Tensor, tokens: int) -> Tensor:
    """Mean over answer tokens and hidden units of (h - target)^2.

    Args:
        states: [n, d] of the model that learns.
        target: [n, d] or [d].
        tokens: answer tokens of the whole optimizer step.
    """
    return (states - target).square().sum() / (tokens * states.shape[1])
