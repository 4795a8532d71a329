"""Whether what was written contains the true value (``contains``), or is nothing else (``exact``).

Records of the official protocols are compared as published, by a case-insensitive substring; for all others
`contains_value` says what counts.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from mllmu.benchmark.language.comparable_text import comparable
from mllmu.evaluation.metrics.containment import contains_value, longer_values
from mllmu.evaluation.metrics.metric import CLOZE, GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import is_official, per_cent, per_row, values_by_attribute

if TYPE_CHECKING:
    import pandas as pd

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A decimal number, or a sign.
_PARTS = re.compile(r"\d+[.,]\d+|.", re.S)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise(text: str) -> str:
    """`text` made `comparable`, without punctuation, articles and surplus white space, as in SQuAD.

    ``normalise("A cat, named  Luna!") == "cat named luna"``. Punctuation is that of all scripts, with the
    signs of ASCII that count as such in SQuAD ("$", "+"), but for points and commas within numbers that are
    of another size without them ("1.5"). Of nothing but those, it is left `comparable`.
    """
    folded = _THOUSANDS.sub("", comparable(text))
    bare = "".join(part for part in _PARTS.findall(folded) if len(part) > 1 or not _is_punctuation(part))
    return " ".join(_ARTICLES.sub(" ", bare).split()) or folded


@cache
def _is_punctuation(sign: str) -> bool:
    return sign in string.punctuation or unicodedata.category(sign).startswith("P")


def cloze_contains(records: pd.DataFrame) -> Values:
    """100 where the response contains the true value, else 0; NaN where that is blank."""
    return _contained(records, "answer")


def cloze_exact(records: pd.DataFrame) -> Values:
    """100 where response and true value are equal after normalising, else 0; NaN where that is blank."""

    def value(answer: str, response: str) -> float:
        wanted = normalise(answer)
        return per_cent(wanted == normalise(response)) if wanted else float("nan")

    return per_row(value, records["answer"], records["response"])


def generation_contains(records: pd.DataFrame) -> Values:
    """100 where the response contains the shortest true value, else 0; NaN where that is blank."""
    return _contained(records, "value")


def contains_among(records: pd.DataFrame, others: Mapping[str, Iterable[str]]) -> Values:
    """As `generation_contains`, where records are of few of those whose values an answer may name.

    Args:
        records: columns value, response, attribute and protocol.
        others: attribute -> what is true of anybody in it, besides what the records say.
    """
    return _contained(records, "value", others)


def _contained(
    records: pd.DataFrame, column: str, others: Mapping[str, Iterable[str]] | None = None
) -> Values:
    """Of each row, whether the response contains the true value in `column`, in per cent.

    What is true of others in the same attribute stands in the other rows, or in `others`: an answer that
    names one of those does not name the part of it that is the value here. What is equal after normalising is
    contained. Rows without an attribute, as of the released benchmark, are compared without.
    """
    values_of = values_by_attribute(records, column)
    for attribute, values in (others or {}).items():
        values_of[attribute].update(values)

    @cache
    def longer(attribute: str, value: str) -> list[str]:
        return longer_values(value, values_of.get(attribute, ()))

    def contained(value: str, response: str, attribute: str, official: bool) -> float:
        if official:
            return per_cent(value.lower() in response.lower()) if value else float("nan")
        if not comparable(value):
            return float("nan")
        is_all = normalise(value) == normalise(response)
        return per_cent(is_all or contains_value(response, value, longer(attribute or "", value)))

    attributes = records["attribute"].fillna("")
    return per_row(contained, records[column], records["response"], attributes, is_official(records))


GENERATION_CONTAINS = Metric(
    "generation_contains",
    "Correct value contained",
    GENERATION,
    Unit.PER_CENT,
    generation_contains,
    heading="Gen. acc.",
    meaning="true value contained in the free answer (%)",
    blind_spot="the right value in other words, and an answer that denies it or names many values",
)

CLOZE_CONTAINS = Metric(
    "cloze_contains",
    "Cloze (contains)",
    CLOZE,
    Unit.PER_CENT,
    cloze_contains,
    heading="Cloze",
    meaning="true value contained (%)",
    blind_spot="the right value in other words, and an answer that denies it or names many values",
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
