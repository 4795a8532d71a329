"""What log-probability a token has that is drawn from a prediction itself: mean and standard deviation.

Legend of shapes: n predictions, v vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Of a vocabulary of 32,000 so many predictions at once need 32 MB.
_ROWS = 256


def token_moments(logits: Tensor) -> list[tuple[float, float]]:
    """Mean and standard deviation of log p(z) over z drawn from p (Min-K %++, arXiv 2404.02936, section 4).

    The mean is minus the entropy of p, in nats. Tokens that p rules out (logit -inf) count nothing.

    Args:
        logits: [n, v] predictions, of which p is the softmax.
    """
    parts = [_moments(part.float().log_softmax(dim=-1)) for part in logits.split(_ROWS)]
    return [(mean, deviation) for mean, deviation in torch.cat(parts).tolist()]


def _moments(log_probs: Tensor) -> Tensor:
    """[n, 2] of log-probabilities [n, v]."""
    probs = log_probs.exp()
    log_probs = log_probs.masked_fill(probs == 0, 0)  # 0 times -inf would be no number
    means = (probs * log_probs).sum(dim=-1, keepdim=True)
    # Around the mean: a difference of mean squares would cancel where the model is sure.
    variances = (probs * (log_probs - means).square()).sum(dim=-1, keepdim=True)
    return torch.cat([means, variances.sqrt()], dim=-1)
