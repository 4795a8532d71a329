"""How far predictions are from knowing nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def uniform_divergence(log_probs: Tensor, tokens: int) -> Tensor:
    """Sum over answer tokens of KL(uniform || p), over the answer tokens of the optimizer step; at least 0.

    Args:
        log_probs: [n, v] log-probabilities of the whole vocabulary at each answer token.
        tokens: answer tokens of the optimizer step.
    """
    return (-log_probs.mean(-1) - math.log(log_probs.shape[-1])).sum() / tokens
