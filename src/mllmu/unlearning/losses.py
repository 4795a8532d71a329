"""What unlearning minimises: pure functions of log-probabilities and masks.

Legend of shapes: b samples, t tokens, v vocabulary. Masks are true at answer tokens (the answer and its end
token) and false at prompt, image and padding tokens, whose values never matter, not even infinite ones.

A batch may be a part of an optimizer step (gradient accumulation). ``tokens`` and ``samples`` are what the
whole step holds; the parts' losses then add up to the loss of the step.
"""

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


def kl_divergence(reference: Tensor, log_probs: Tensor, mask: Tensor, tokens: int | None = None) -> Tensor:
    """KL(pi0 || pi) over the whole vocabulary, mean over answer positions.

    Args:
        reference: [..., v] log-probabilities of the frozen model.
        log_probs: [..., v] log-probabilities of the model that learns.
        mask: [...] which positions predict answer tokens.
        tokens: answer tokens to divide by; those of the mask if None.
    """
    import torch

    divergence = torch.nn.functional.kl_div(log_probs, reference, reduction="none", log_target=True).sum(
        dim=-1
    )
    total = torch.where(mask, divergence, torch.zeros_like(divergence)).sum()
    return total / (mask.sum() if tokens is None else tokens)


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
