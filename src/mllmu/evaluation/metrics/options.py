"""Classification accuracy: whether the option a model decides for is the correct one.

``option_likelihood`` compares the option texts by log-likelihood per token (the cloze formulation of OLMES,
arXiv 2406.08446), right for small models; ``letter_likelihood`` compares the option letters; ``letter`` takes
the letter the model wrote, as the protocol reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mllmu.evaluation.metrics.metric import Values
from mllmu.evaluation.metrics.values import per_cent, per_row


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
    """100 where the likeliest option letter is the correct one, else 0; NaN if letters were not scored."""

    def value(log_probs: Sequence[float], letters: Sequence[str], correct: str) -> float:
        if not len(log_probs) or not correct:
            return float("nan")
        return per_cent(letters[likeliest(log_probs, [1] * len(log_probs))] == correct)

    return per_row(value, records["letter_log_probs"], records["option_letters"], records["correct_option"])


def letter_accuracy(records: pd.DataFrame) -> Values:
    """100 where the letter read from the response is the correct one, else 0; NaN if none was asked for."""

    def value(asked: bool, chosen: str, correct: str) -> float:
        return per_cent(chosen == correct) if asked and correct else float("nan")

    asked = records["letter_response"].notna()
    return per_row(value, asked, records["chosen_letter"], records["correct_option"])


def letter_invalid(records: pd.DataFrame) -> Values:
    """100 where no one letter could be read from the response, else 0; NaN if none was asked for."""

    def value(asked: bool, chosen: str) -> float:
        return per_cent(not chosen) if asked else float("nan")

    return per_row(value, records["letter_response"].notna(), records["chosen_letter"])
