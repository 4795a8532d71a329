"""Cloze accuracy: ``contains`` as the official evaluation decides it, and ``exact`` after normalising."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import CLOZE, GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_cent, per_row

if TYPE_CHECKING:
    import pandas as pd

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """`text` in lower case, without ASCII punctuation, articles and surplus white space (as SQuAD does).

    ``normalise("A cat, named  Luna!") == "cat named luna"``.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def cloze_contains(records: pd.DataFrame) -> Values:
    """100 where the true value is a case-insensitive substring of the response, else 0."""
    return per_row(_contains, records["answer"], records["response"])


def cloze_exact(records: pd.DataFrame) -> Values:
    """100 where response and true value are equal after normalising, else 0."""

    def value(answer: str, response: str) -> float:
        return per_cent(normalise(answer) == normalise(response))

    return per_row(value, records["answer"], records["response"])


def generation_contains(records: pd.DataFrame) -> Values:
    """100 where the shortest true value is a case-insensitive substring of the response, else 0."""
    return per_row(_contains, records["value"], records["response"])


def _contains(value: str, response: str) -> float:
    """Whether `value` occurs in `response`, in per cent; an empty value would occur in everything."""
    return per_cent(value.lower() in response.lower()) if value else float("nan")


GENERATION_CONTAINS = Metric(
    "generation_contains",
    "Correct value contained",
    GENERATION,
    Unit.PER_CENT,
    generation_contains,
    heading="Gen. acc.",
    meaning="true value contained in the free answer (%)",
    blind_spot="the right value in other words",
)

CLOZE_CONTAINS = Metric(
    "cloze_contains",
    "Cloze (contains)",
    CLOZE,
    Unit.PER_CENT,
    cloze_contains,
    heading="Cloze",
    meaning="true value contained (%)",
    blind_spot="the right value in other words, and an answer that names many values",
)

CLOZE_EXACT = Metric(
    "cloze_exact",
    "Cloze (exact)",
    CLOZE,
    Unit.PER_CENT,
    cloze_exact,
    meaning="the answer is the true value and nothing else (%)",
    blind_spot="the right value in other words",
)
