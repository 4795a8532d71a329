"""Cross-entropies of answers: likelihood, its ascent, and the difference of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def answer_nll(log_probs: Tensor, mask: Tensor, tokens: int | None = None) -> Tensor:
    """Cross-entropy CE: mean negative log-likelihood of the answer tokens.

    Args:
        log_probs: [b, t] log-probability of each token.
        mask: [b, t] which tokens are answers.
        tokens: answer tokens to divide by; those of the mask if None.
    """
    total = sample_log_probs(log_probs, mask).sum()
    return -total / (mask.sum() if tokens is None else tokens)


def sample_log_probs(log_probs: Tensor, mask: Tensor) -> Tensor:
    """Log-probability of each whole answer, [b]: the sum over its tokens.

    Args:
        log_probs: [b, t] log-probability of each token.
        mask: [b, t] which tokens are answers.
    """
    # where, not a product: zero times an infinite padding value is not a number.
    import torch  # here: lists and recipes read the settings of methods, and need no torch

    return torch.where(mask, log_probs, torch.zeros_like(log_probs)).sum(dim=-1)


def gradient_ascent(log_probs: Tensor, mask: Tensor, tokens: int | None = None) -> Tensor:
    """GA, -CE(f): falls as the answers become less likely (TOFU, arXiv 2401.06121, section 4).

    Args:
        log_probs: [b, t] log-probabilities of the forget batch.
        mask: [b, t] which tokens are answers.
        tokens: see ``answer_nll``.
    """
    return -answer_nll(log_probs, mask, tokens)


def gradient_difference(forget_nll: Tensor, retain_nll: Tensor, gamma: float, alpha: float) -> Tensor:
    """GradDiff, -gamma CE(f) + alpha CE(r), in one step (TOFU, arXiv 2401.06121, section 4).

    Args:
        forget_nll: CE of the forget batch.
        retain_nll: CE of the retain batch.
        gamma: weight of forgetting, at least 0.
        alpha: weight of retaining, at least 0.
    """
    return -gamma * forget_nll + alpha * retain_nll


def sample_means(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of a value over the answer tokens of each sample, [b].

    Args:
        values: [n] one value per answer token, sample after sample.
        mask: [b, t] which tokens are answers; it has n true entries, at least one in every row.
    """
    import torch

    spread = torch.zeros(mask.shape, dtype=values.dtype, device=values.device).masked_scatter(mask, values)
    return spread.sum(dim=-1) / mask.sum(dim=-1)
