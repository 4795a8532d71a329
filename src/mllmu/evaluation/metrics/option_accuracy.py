"""Classification accuracy: whether the option a model decides for is the correct one.

``option_likelihood`` compares the option texts by log-likelihood per token (the cloze formulation of OLMES,
arXiv 2406.08446), right for small models; ``letter_likelihood`` compares the option letters; ``letter`` takes
the letter the model wrote, as the protocol reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import CLASSIFICATION, Direction, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_cent, per_row

if TYPE_CHECKING:
    import pandas as pd


def likeliest(log_probs: Sequence[float], lengths: Sequence[int]) -> int:
    """Index of the option with the largest log-probability per token; the first of equals."""
    ratios = [float(total) / max(int(length), 1) for total, length in zip(log_probs, lengths, strict=True)]
    return max(range(len(ratios)), key=ratios.__getitem__)


def likeliest_option(log_probs: Sequence[float], lengths: Sequence[int], letters: Sequence[str]) -> str:
    """Letter of the option whose text has the largest log-likelihood per token.

    Empty if none was scored, or one has no likelihood (NaN), as of a model whose weights overflowed: it is
    neither more nor less than that of another. Empty, too, if none is possible (all -inf).
    """
    if not len(log_probs) or any(map(math.isnan, log_probs)) or max(log_probs) == -math.inf:
        return ""
    return letters[likeliest(log_probs, lengths)]


def option_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the option text of the largest log-likelihood per token is the correct one, else 0."""

    def value(
        log_probs: Sequence[float], lengths: Sequence[int], letters: Sequence[str], correct: str
    ) -> float:
        chosen = likeliest_option(log_probs, lengths, letters)
        return per_cent(chosen == correct) if chosen and correct else float("nan")

    columns = ("option_log_probs", "option_lengths", "option_letters", "correct_option")
    return per_row(value, *(records[name] for name in columns))


def letter_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the likeliest option letter is the correct one, else 0; NaN if letters were not scored."""

    def value(log_probs: Sequence[float], letters: Sequence[str], correct: str) -> float:
        chosen = likeliest_option(log_probs, [1] * len(log_probs), letters)
        return per_cent(chosen == correct) if chosen and correct else float("nan")

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


OPTION_LIKELIHOOD_ACCURACY = Metric(
    "option_likelihood_accuracy",
    "Accuracy (option likelihood)",
    CLASSIFICATION,
    Unit.PER_CENT,
    option_likelihood_accuracy,
    heading="Class.",
    meaning="accuracy by option likelihood (%, chance is 25)",
    blind_spot="an option may be likely because its words are, whoever is asked about",
)

LETTER_LIKELIHOOD_ACCURACY = Metric(
    "letter_likelihood_accuracy",
    "Accuracy (letter likelihood)",
    CLASSIFICATION,
    Unit.PER_CENT,
    letter_likelihood_accuracy,
    heading="Likeliest",
    meaning="the likeliest letter is right (%)",
    blind_spot="models that prefer one letter score as if they guessed",
)

LETTER_ACCURACY = Metric(
    "letter_accuracy",
    "Accuracy (written letter)",
    CLASSIFICATION,
    Unit.PER_CENT,
    letter_accuracy,
    heading="Class.",
    meaning="accuracy of the written letter (%, chance is 25)",
    blind_spot="a model that no longer follows instructions looks as if it had forgotten",
)

LETTER_INVALID = Metric(
    "letter_invalid",
    "No letter to be read",
    CLASSIFICATION,
    Unit.PER_CENT,
    letter_invalid,
    heading="Invalid ↓",
    meaning=(
        "no one letter can be read from the answer, which counts as wrong (%, lower is better on every set)"
    ),
    blind_spot="whether the model would have known",
    direction=Direction.LOWER,
)
