"""Membership attacks: from a recorded answer, how much it looks as if the model had been taught it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metrics.values import mean_nll, per_row

if TYPE_CHECKING:
    import pandas as pd

    from mllmu.evaluation.metrics.metric import Values

SHARE = 0.2
"""Of an answer's tokens, the least likely ones that Min-K looks at."""


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


def lowest_mean(values: Sequence[float], share: float = SHARE) -> float:
    """Mean of the lowest `share` of some values, of at least one; NaN without any.

    Of (-1, -2, -3, -4, -5, -6) with a share of .2 that is the mean of the ceil(1.2) = 2 lowest, -5.5.
    """
    if not len(values):
        return float("nan")
    count = max(1, math.ceil(share * len(values)))
    return float(np.sort(np.asarray(values, dtype=np.float64))[:count].mean())


ATTACKS: Mapping[str, Callable[[pd.DataFrame], Values]] = MappingProxyType(
    {"loss": loss, "zlib": zlib_ratio, "min_k": min_k}
)
"""Attacks that read one model's records alone; a higher value looks more like a member."""
