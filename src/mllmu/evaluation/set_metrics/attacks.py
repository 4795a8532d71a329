"""Membership attacks: from a recorded answer, how much it looks as if the model had been taught it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metrics.values import mean_nll, per_row
from mllmu.training.rounded_products import rounded_up

if TYPE_CHECKING:
    import pandas as pd

    from mllmu.evaluation.metrics.metric import Values

SHARE = 0.2
"""Of an answer's tokens, the least likely ones that Min-K and Min-K++ look at."""
LEAST_DEVIATION = 1e-5
"""Below this a standard deviation of log-probabilities, and a distance from their mean, are rounding."""


def loss(records: pd.DataFrame) -> Values:
    """Mean log-probability per token, end token included (Yeom et al., arXiv 1709.01604)."""
    return -per_row(mean_nll, records["answer_log_probs"])


def zlib_ratio(records: pd.DataFrame) -> Values:
    """The same divided by the answer's length in bytes when compressed (Carlini et al., arXiv 2012.07805)."""
    lengths = [len(zlib.compress(answer.encode())) for answer in records["answer"]]
    return loss(records) / np.asarray(lengths, dtype=np.float64)


def min_k(records: pd.DataFrame) -> Values:
    """Mean log-probability of the least likely fifth of the tokens (Min-K %, arXiv 2310.16789, section 4)."""
    return per_row(lowest_mean, records["answer_log_probs"])


def min_k_plus_plus(records: pd.DataFrame) -> Values:
    """Mean of the lowest fifth of standardised log-probabilities (Min-K %++, arXiv 2404.02936, section 4).

    A token's is (log p - mu) / sigma, with mean mu and standard deviation sigma of log p over tokens drawn
    from the prediction itself: a token that is unlikely where nearly everything is says little.
    """
    return per_row(
        _lowest_standardised,
        records["answer_log_probs"],
        records["answer_log_prob_means"],
        records["answer_log_prob_deviations"],
    )


def _lowest_standardised(
    log_probs: Sequence[float], means: Sequence[float], deviations: Sequence[float]
) -> float:
    if not len(means):
        return float("nan")
    distances = np.asarray(log_probs, dtype=np.float64) - np.asarray(means, dtype=np.float64)
    standardised = distances / np.maximum(np.asarray(deviations, dtype=np.float64), LEAST_DEVIATION)
    return lowest_mean(standardised.tolist())


def negative_gradient_norm(records: pd.DataFrame) -> Values:
    """Minus the norm of the gradient of the answer's mean nll (GradNorm, arXiv 2402.17012).

    What a model was taught lies near a minimum of its loss, where gradients are small.
    """
    return -np.asarray(records["answer_gradient_norm"], dtype=np.float64)


def lowest_mean(values: Sequence[float], share: float = SHARE) -> float:
    """Mean of the lowest `share` of some values, of at least one; NaN without any.

    Of (-1, -2, -3, -4, -5, -6) with a share of .2 that is the mean of the ceil(1.2) = 2 lowest, -5.5.
    """
    if not len(values):
        return float("nan")
    count = max(1, rounded_up(share, len(values)))
    return float(np.sort(np.asarray(values, dtype=np.float64))[:count].mean())


ATTACKS: Mapping[str, Callable[[pd.DataFrame], Values]] = MappingProxyType(
    {
        "loss": loss,
        "zlib": zlib_ratio,
        "min_k": min_k,
        "min_k_plus_plus": min_k_plus_plus,
        "grad_norm": negative_gradient_norm,
    }
)
"""Attacks that read one model's records alone; a higher value looks more like a member.

The last two have values only where records hold the moments of predictions, or gradient norms.
"""
