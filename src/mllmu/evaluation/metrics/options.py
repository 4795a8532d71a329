"""Classification accuracy: whether the likeliest option is the correct one.

``option_likelihood`` compares the option texts by log-likelihood per token (the cloze formulation of OLMES,
arXiv 2406.08446), right for small models; ``letter_likelihood`` compares the option letters.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mllmu.evaluation.metrics.metric import Values
from mllmu.evaluation.metrics.values import per_cent, per_row

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def likeliest(log_probs: Sequence[float], lengths: Sequence[int]) -> int:
    """Index of the option with the largest log-probability per token; the first of equals."""
    ratios = [float(total) / max(int(length), 1) for total, length in zip(log_probs, lengths, strict=True)]
    return max(range(len(ratios)), key=ratios.__getitem__)


def option_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the option text of the largest log-likelihood per token is the correct one, else 0."""

    def value(chosen: str, correct: str) -> float:
        return per_cent(chosen == correct) if chosen and correct else float("nan")

    return per_row(value, records["chosen_option"], records["correct_option"])


def letter_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the likeliest option letter is the correct one, else 0; NaN if letters were not asked."""

    def value(log_probs: Sequence[float], correct: str) -> float:
        if not len(log_probs) or not correct:
            return float("nan")
        return per_cent(LETTERS[likeliest(log_probs, [1] * len(log_probs))] == correct)

    return per_row(value, records["letter_log_probs"], records["correct_option"])
