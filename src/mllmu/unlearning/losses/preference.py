"""Losses that prefer some answers to others, one log-ratio per sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def negative_preference(
    log_probs: Tensor, reference: Tensor, beta: float, samples: int | None = None
) -> Tensor:
    """NPO, -(2/beta) mean log sigmoid(-beta (logp - logp0)), one log-ratio per sample (arXiv 2404.05868).

    At the start, where the model equals its reference, it is (2/beta) log 2, and its gradient is that of the
    samples' mean log-probability, which GA descends.

    Args:
        log_probs: [b] log-probabilities of whole answers.
        reference: [b] the frozen model's.
        beta: inverse temperature, above 0; towards 0 NPO becomes GA.
        samples: samples to divide by; b if None.
    """
    import torch

    ratios = log_probs - reference
    total = torch.nn.functional.logsigmoid(-beta * ratios).sum()
    return -(2.0 / beta) * total / (len(ratios) if samples is None else samples)


def direct_preference(
    preferred: Tensor,
    preferred_reference: Tensor,
    rejected: Tensor,
    rejected_reference: Tensor,
    beta: float,
    samples: int | None = None,
) -> Tensor:
    """DPO, -(2/beta) mean log sigmoid(beta [d(preferred) - d(rejected)]), d = logp - logp0.

    arXiv 2305.18290, eq. 7, with the factor 2/beta of NPO; without its preferred part it is NPO.

    Args:
        preferred: [b] log-probabilities of whole answers to prefer.
        preferred_reference: [b] the frozen model's.
        rejected: [b] log-probabilities of the answers to forget.
        rejected_reference: [b] the frozen model's.
        beta: inverse temperature, above 0.
        samples: samples to divide by; b if None.
    """
    ratios = (rejected - rejected_reference) - (preferred - preferred_reference)
    return negative_preference(ratios, ratios.new_zeros(()), beta, samples)


def simple_negative_preference(
    log_probs: Tensor, lengths: Tensor, beta: float, delta: float, samples: int | None = None
) -> Tensor:
    """SimNPO, -(2/beta) mean log sigmoid(beta (nll - delta)), nll = -logp / length (arXiv 2410.07163).

    No frozen model is read. Without the length and with delta 0 it is NPO with a frozen model for which every
    answer is certain. The paper writes its margin as beta delta.

    Args:
        log_probs: [b] log-probabilities of whole answers.
        lengths: [b] their tokens.
        beta: inverse temperature, above 0.
        delta: mean negative log-likelihood per token at which forgetting slows down.
        samples: samples to divide by; b if None.
    """
    return negative_preference(log_probs / lengths, log_probs.new_tensor(-delta), beta, samples)


def total_variation_contrast(good: Tensor, bad: Tensor, samples: int | None = None) -> Tensor:
    """FLAT with total variation, mean of [tanh(bad) - tanh(good)] / 2 (arXiv 2410.11143).

    The variational form of an f-divergence between good and bad answers, which is made large; its activation
    is tanh(x)/2 and its conjugate the identity.

    Args:
        good: [b] mean probability of the tokens of each answer to give.
        bad: [b] the same of each answer to forget.
        samples: samples to divide by; b if None.
    """
    return (bad.tanh() - good.tanh()).sum() / 2 / (len(bad) if samples is None else samples)
