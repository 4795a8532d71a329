"""Gradient ascent that weighs tokens by how likely they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def weighted_ascent(
    log_probs: Tensor, mask: Tensor, beta: float, saturation: float = 0.0, tokens: int | None = None
) -> Tensor:
    """Minus the mean over answer tokens of stopgrad(p^beta (1 - p)^saturation) NLL.

    WGA with saturation 0 (arXiv 2502.19301): tokens that are unlikely already are left alone. SatImp
    with both (arXiv 2505.11953): so are those that are certain. With both 0 it is GA.

    Args:
        log_probs: [b, t] log-probability of each token.
        mask: [b, t] which tokens are answers.
        beta: exponent of the probability, at least 0.
        saturation: exponent of its complement, at least 0.
        tokens: answer tokens to divide by; those of the mask if None.
    """
    import torch

    seen = torch.where(mask, log_probs, torch.zeros_like(log_probs))
    likely = seen.detach().exp()
    weights = likely.pow(beta) * (1 - likely).clamp(min=0).pow(saturation)
    # A token of no probability at all has weight 0, and 0 times infinity is no number.
    each = torch.where(mask & (weights > 0), weights * seen, torch.zeros_like(seen))
    return each.sum() / (mask.sum() if tokens is None else tokens)
