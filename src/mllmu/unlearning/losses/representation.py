"""Losses on hidden states at answer tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def state_distance(states: Tensor, wanted: Tensor, mask: Tensor, samples: int | None = None) -> Tensor:
    """Mean squared difference of hidden states: over width, then answer tokens, then samples.

    RMU's two terms (arXiv 2403.03218): on forget samples ``wanted`` is a fixed direction times a
    constant, on retain samples what the frozen model has there.

    Args:
        states: [n, d] at the answer tokens, sample after sample.
        wanted: [n, d], or [d] for all.
        mask: [b, t] which tokens are answers; it has n true entries.
        samples: samples to divide by; b if None.
    """
    from mllmu.unlearning.losses.likelihood import sample_means

    each = sample_means((states - wanted).square().mean(dim=-1), mask)
    return each.sum() / (len(mask) if samples is None else samples)


def mean_states(states: Tensor, mask: Tensor) -> Tensor:
    """Mean hidden state over each sample's answer tokens, [b, d].

    Args:
        states: [n, d] at the answer tokens, sample after sample.
        mask: [b, t] which tokens are answers; it has n true entries.
    """
    import torch

    return torch.stack([rows.mean(dim=0) for rows in states.split(mask.sum(dim=-1).tolist())])


def pooled_distance(states: Tensor, wanted: Tensor, samples: int | None = None) -> Tensor:
    """Mean squared difference of pooled hidden states, over width and samples (arXiv 2311.12047).

    Args:
        states: [b, d] of the model that learns.
        wanted: [b, d] the frozen model's.
        samples: samples to divide by; b if None.
    """
    return (states - wanted).square().mean(dim=-1).sum() / (len(states) if samples is None else samples)
