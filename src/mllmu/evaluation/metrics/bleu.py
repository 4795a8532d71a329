"""Sentence BLEU (Papineni et al. 2002) as the official evaluation computes it."""

from __future__ import annotations

import pandas as pd
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row

_SMOOTHING = SmoothingFunction().method1


def sentence(reference: str, response: str) -> float:
    """BLEU-4 of whitespace tokens with smoothing method 1 (Chen & Cherry 2014), in 0..1; 0 for no words."""
    return float(sentence_bleu([reference.split()], response.split(), smoothing_function=_SMOOTHING))


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
