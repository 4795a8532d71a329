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


# Equal but for the rounding of a sum over tokens.
_ROUNDING = 1e-9


def likeliest(log_probs: Sequence[float], lengths: Sequence[int]) -> list[int]:
    """Indices of the options with the largest log-probability per token: one, or all that are equal."""
    ratios = [float(total) / max(int(length), 1) for total, length in zip(log_probs, lengths, strict=True)]
    best = max(ratios)
    return [index for index, each in enumerate(ratios) if math.isclose(each, best, rel_tol=_ROUNDING)]


def likeliest_options(
    log_probs: Sequence[float], lengths: Sequence[int], letters: Sequence[str]
) -> list[str]:
    """Letters of the options whose text has the largest log-likelihood per token: one, or all that are equal.

    Empty if none was scored, or one has no likelihood (NaN), as of a model whose weights overflowed: it is
    neither more nor less than that of another. Empty, too, if none is possible (all -inf).
    """
    if not len(log_probs) or any(map(math.isnan, log_probs)) or max(log_probs) == -math.inf:
        return []
    return [letters[index] for index in likeliest(log_probs, lengths)]


def _credit(chosen: Sequence[str], correct: str) -> float:
    """What a choice is worth, in per cent: equals share it, as a guess among them would on average.

    The first of equals would be right as often as the benchmark lists right options first, which is no
    property of a model: one that refuses finds all options equally likely.
    """
    if not chosen or not correct:
        return float("nan")
    return 100 / len(chosen) if correct in chosen else 0.0


def option_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the option text of the largest log-likelihood per token is the correct one, else 0.

    Where n options are equally likely and the correct one is among them, 100 / n.
    """

    def value(
        log_probs: Sequence[float], lengths: Sequence[int], letters: Sequence[str], correct: str
    ) -> float:
        return _credit(likeliest_options(log_probs, lengths, letters), correct)

    columns = ("option_log_probs", "option_lengths", "option_letters", "correct_option")
    return per_row(value, *(records[name] for name in columns))


def letter_likelihood_accuracy(records: pd.DataFrame) -> Values:
    """100 where the likeliest option letter is the correct one, else 0; NaN if letters were not scored.

    Of n equally likely ones 100 / n, see `option_likelihood_accuracy`.
    """

    def value(log_probs: Sequence[float], letters: Sequence[str], correct: str) -> float:
        return _credit(likeliest_options(log_probs, [1] * len(log_probs), letters), correct)

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
