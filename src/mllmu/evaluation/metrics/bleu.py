"""Sentence BLEU (Papineni et al. 2002) as the official evaluation computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row

if TYPE_CHECKING:
    import pandas as pd


def sentence(reference: str, response: str) -> float:
    """BLEU-4 of whitespace tokens with smoothing method 1 (Chen & Cherry 2014), in 0..1; 0 for no words."""
    from nltk.translate.bleu_score import (  # half a second, for lists of metrics
        SmoothingFunction,
        sentence_bleu,
    )

    smoothing = SmoothingFunction().method1
    return float(sentence_bleu([reference.split()], response.split(), smoothing_function=smoothing))


def bleu(records: pd.DataFrame) -> Values:
    """Sentence BLEU of each response against the reference answer."""
    return per_row(sentence, records["answer"], records["response"])


BLEU = Metric(
    "bleu",
    "BLEU",
    GENERATION,
    Unit.FRACTION,
    bleu,
    meaning="sentence BLEU, 0 to 1",
    blind_spot="it is nearly 0 for right answers in other words",
)
