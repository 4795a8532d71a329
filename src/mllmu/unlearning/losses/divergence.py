"""Losses that compare whole distributions over the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


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


def self_distillation(
    log_probs: Tensor, reference: Tensor, targets: Tensor, strength: float, tokens: int | None = None
) -> Tensor:
    """UNDIAL, the cross-entropy to softmax(z0 - strength 1_y), mean over answer tokens (arXiv 2402.10052).

    Its least value is the entropy of that target: the frozen model's own distribution with the true token
    made less likely, which leaves the order of all others as it is.

    Args:
        log_probs: [n, v] log-probabilities of the model that learns, at answer tokens alone.
        reference: [n, v] the frozen model's; logits z0 up to a constant, which the softmax takes away.
        targets: [n] the true tokens.
        strength: by how much their logits are lowered, above 0.
        tokens: answer tokens to divide by; n if None.
    """
    import torch

    lowered = strength * torch.nn.functional.one_hot(targets, reference.shape[-1]).to(reference.dtype)
    wanted = (reference - lowered).softmax(dim=-1)
    return -(wanted * log_probs).sum() / (len(targets) if tokens is None else tokens)


def others_cross_entropy(logits: Tensor, targets: Tensor, read: Tensor, tokens: int | None = None) -> Tensor:
    """CE-U, the cross-entropy to stopgrad(softmax(z with z_y = -inf)), mean over tokens (arXiv 2503.01224).

    The gradient on the true token's logit is its probability, so it fades as the answer is forgotten.

    Args:
        logits: [n, v] logits of the model that learns, at answer tokens alone.
        targets: [n] the true tokens.
        read: [n] which of the answer tokens count.
        tokens: tokens that count to divide by; those of ``read`` if None.
    """
    import torch

    without = logits.detach().scatter(-1, targets[:, None], -torch.inf).softmax(dim=-1)
    # The target's log-probability is finite and its weight 0, so that the product is a number.
    each = -(without * logits.log_softmax(dim=-1)).sum(dim=-1)
    total = torch.where(read, each, torch.zeros_like(each)).sum()
    return total / (read.sum() if tokens is None else tokens)


def logit_flattening(logits: Tensor, tokens: int | None = None) -> Tensor:
    """PDU's forgetting: mean over answer tokens of (max z - mean z)^2 (arXiv 2506.05314).

    It is 0 where all tokens of the vocabulary are as likely.

    Args:
        logits: [n, v] logits at answer tokens alone.
        tokens: answer tokens to divide by; n if None.
    """
    peaks = logits.max(dim=-1).values - logits.mean(dim=-1)
    return peaks.square().sum() / (len(logits) if tokens is None else tokens)
