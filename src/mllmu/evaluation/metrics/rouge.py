"""ROUGE (Lin 2004) as ``rouge_score`` computes it, stemmed: F-measure (MLLMU-Bench) and recall (TOFU)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row

if TYPE_CHECKING:
    import pandas as pd
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.scoring import Score

KINDS = ("rouge1", "rouge2", "rougeL")


@cache
def _scorer() -> RougeScorer:
    """``rouge_score`` with its own tokenizer, asked once per text: stemming takes most of the time."""
    # Here, because it takes a second, which lists of metrics do not have.
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenizers import DefaultTokenizer

    tokenizer = DefaultTokenizer(use_stemmer=True)
    tokenizer.tokenize = lru_cache(maxsize=1 << 16)(tokenizer.tokenize)
    return RougeScorer(list(KINDS), tokenizer=tokenizer)


@lru_cache(maxsize=1 << 16)
def rouge(reference: str, response: str) -> dict[str, Score]:
    """ROUGE-1, -2 and -L (precision, recall and F-measure in 0..1) of `response` against `reference`.

    ``rouge("the cat sat", "the cat ran")["rouge1"].recall == 2 / 3``.
    """
    return _scorer().score(reference, response)


def rouge1_f(records: pd.DataFrame) -> Values:
    """F-measure of unigrams."""
    return _f_measure(records, "rouge1")


def rouge2_f(records: pd.DataFrame) -> Values:
    """F-measure of bigrams."""
    return _f_measure(records, "rouge2")


def rougeL_f(records: pd.DataFrame) -> Values:
    """F-measure of the longest common subsequence."""
    return _f_measure(records, "rougeL")


def rouge1_recall(records: pd.DataFrame) -> Values:
    """Recall of unigrams."""
    return _recall(records, "rouge1")


def rougeL_recall(records: pd.DataFrame) -> Values:
    """Recall of the longest common subsequence."""
    return _recall(records, "rougeL")


def _f_measure(records: pd.DataFrame, kind: str) -> Values:
    return per_row(lambda answer, response: rouge(answer, response)[kind].fmeasure, *_texts(records))


def _recall(records: pd.DataFrame, kind: str) -> Values:
    return per_row(lambda answer, response: rouge(answer, response)[kind].recall, *_texts(records))


def _texts(records: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return records["answer"], records["response"]


ROUGE_1 = Metric(
    "rouge1_f",
    "ROUGE-1",
    GENERATION,
    Unit.FRACTION,
    rouge1_f,
    meaning="F-measure of words, 0 to 1",
    blind_spot="shared filler words count as much as the fact",
)

ROUGE_2 = Metric(
    "rouge2_f",
    "ROUGE-2",
    GENERATION,
    Unit.FRACTION,
    rouge2_f,
    meaning="F-measure of pairs of words, 0 to 1",
    blind_spot="shared filler words count as much as the fact",
)

ROUGE_L = Metric(
    "rougeL_f",
    "ROUGE-L",
    GENERATION,
    Unit.FRACTION,
    rougeL_f,
    meaning="F-measure, 0 to 1",
    blind_spot="a fluent false answer in the same words but one scores high",
)

ROUGE_1_RECALL = Metric(
    "rouge1_recall",
    "ROUGE-1 recall",
    GENERATION,
    Unit.FRACTION,
    rouge1_recall,
    meaning="recall of words, 0 to 1",
    blind_spot="long answers score higher",
)

ROUGE_L_RECALL = Metric(
    "rougeL_recall",
    "ROUGE-L recall",
    GENERATION,
    Unit.FRACTION,
    rougeL_recall,
    meaning="recall of the longest common subsequence, 0 to 1",
    blind_spot="long answers score higher",
)
