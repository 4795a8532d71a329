"""How much of the reference answer greedy decoding reproduces; the end token does not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metrics.metric import WRITTEN, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row

if TYPE_CHECKING:
    import pandas as pd


def strength(is_argmax: Sequence[bool]) -> float:
    """1 - k/L, where k is the shortest prefix after which greedy decoding reproduces the rest of L tokens.

    The prefix has to reach just past the last token that is not the argmax: for (yes, no, yes, yes) k = 2 and
    the strength is 0.5; all right gives 1; a wrong last token gives k = L and so 0.
    """
    if not len(is_argmax):
        return float("nan")
    wrong = np.flatnonzero(~np.asarray(is_argmax, dtype=bool))
    prefix = int(wrong[-1]) + 1 if wrong.size else 0
    return 1 - prefix / len(is_argmax)


def extraction_strength(records: pd.DataFrame) -> Values:
    """Extraction strength of the reference answer, in 0..1 (arXiv 2012.07805; as defined in 2407.06460)."""
    return per_row(lambda hits: strength(hits[:-1]), records["answer_is_argmax"])


def exact_memorization(records: pd.DataFrame) -> Values:
    """Share of the reference answer's tokens that are the argmax, in 0..1."""

    def value(hits: Sequence[bool]) -> float:
        return float(np.mean(hits[:-1])) if len(hits) > 1 else float("nan")

    return per_row(value, records["answer_is_argmax"])


EXTRACTION_STRENGTH = Metric(
    "extraction_strength",
    "Extraction strength",
    WRITTEN,
    Unit.FRACTION,
    extraction_strength,
    heading="Extraction",
    meaning="share of the true answer that greedy decoding completes, 0 to 1",
    blind_spot="the right answer in other words",
)

EXACT_MEMORIZATION = Metric(
    "exact_memorization",
    "Exact memorisation",
    WRITTEN,
    Unit.FRACTION,
    exact_memorization,
    heading="Memorised",
    meaning="share of the tokens of the true answer that come first, 0 to 1",
    blind_spot="the echoed words of the question count as memory",
)
