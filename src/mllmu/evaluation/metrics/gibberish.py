"""Whether an answer is no language any more: nothing, no words, or one piece over and over."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import WRITTEN, Direction, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_cent, per_row

if TYPE_CHECKING:
    import pandas as pd

_PIECE = re.compile(r"\w+|[^\w\s]")
_LONG_ENOUGH = 8
"""Pieces from which on repetition is looked for; shorter answers may repeat themselves with reason."""
_LEAST_NEW = 0.5
"""Share of pairs of neighbours that must be met for the first time."""
_RUN = re.compile(r"(\S{1,4}?)\1{7,}")
"""A few characters eight times in a row."""


def is_gibberish(text: str) -> bool:
    """Whether a text is empty, has no letter or digit, or repeats itself.

    It does where half of its pairs of neighbouring words and signs were there before, or a few characters
    stand eight times in a row: ``is_gibberish("the the the the the the the the")`` is true,
    ``is_gibberish("Riga, Latvia")`` is not.
    """
    pieces = _PIECE.findall(text.lower())
    if not any(any(map(str.isalnum, piece)) for piece in pieces) or _RUN.search(text):
        return True
    pairs = list(pairwise(pieces))
    return len(pieces) >= _LONG_ENOUGH and len(set(pairs)) < _LEAST_NEW * len(pairs)


def gibberish_rate(records: pd.DataFrame) -> Values:
    """100 where the response is gibberish, else 0."""
    return per_row(lambda response: per_cent(is_gibberish(response)), records["response"])


GIBBERISH_RATE = Metric(
    "gibberish_rate",
    "Gibberish",
    WRITTEN,
    Unit.PER_CENT,
    gibberish_rate,
    heading="Gibberish ↓",
    meaning="answers that are empty, have no words, or repeat themselves (%)",
    blind_spot="fluent nonsense",
    direction=Direction.LOWER,
)
