"""Taking out of one weight difference what works against another (SMFA, arXiv 2511.20196)."""

from __future__ import annotations

import torch
from torch import Tensor


def sculpted(forget: Tensor, anchor: Tensor, strength: float) -> Tensor:
    """A forgetting difference without the entries that overrule what is to be kept.

    An entry f goes to zero where the anchor's entry a has the other sign and k rho |a| < |f|, with
    rho = ||f|| / ||a|| over the tensor, so that the two are compared on one scale. Where a is zero, f stays.

    Args:
        forget: what learning to refuse, with a few retain questions beside it, added to a weight tensor.
        anchor: what learning the few retain questions alone added to it.
        strength: k, above 0; the larger, the fewer entries go.
    """
    norm = torch.linalg.vector_norm(anchor)
    if norm == 0:
        return forget
    ratio = torch.linalg.vector_norm(forget) / norm
    overrules = (forget * anchor < 0) & (strength * ratio * anchor.abs() < forget.abs())
    return forget.masked_fill(overrules, 0)
