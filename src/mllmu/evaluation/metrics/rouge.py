"""ROUGE (Lin 2004) as ``rouge_score`` computes it, stemmed: F-measure (MLLMU-Bench) and recall (TOFU).

``rouge_score`` knows ASCII words only. Records of the official protocols are read so, as published; for all
others `words` finds the words of any script, which for ASCII text are the same ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from mllmu.benchmark.language.word_boundaries import WITHOUT_BLANKS
from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import is_official, per_row

if TYPE_CHECKING:
    import pandas as pd
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.scoring import Score
    from rouge_score.tokenizers import DefaultTokenizer

KINDS = ("rouge1", "rouge2", "rougeL")

_WORDS = re.compile(rf"[{WITHOUT_BLANKS}]|[^\s{WITHOUT_BLANKS}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


@cache
def _ascii_tokenizer() -> DefaultTokenizer:
    # Here, because it takes a second, which lists of metrics do not have.
    from rouge_score.tokenizers import DefaultTokenizer

    return DefaultTokenizer(use_stemmer=True)


def words(text: str) -> list[str]:
    """The words of a text of any script, in lower case, without accents, and stemmed where they are English.

    A script without blanks has a word of each character:
    ``words("José works in 東京") == ["jose", "work", "in", "東", "京"]``.
    """
    if text.isascii():
        return list(_ascii_tokenizer().tokenize(text))
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    # Vowel signs of Indian scripts are marks that belong to their word.
    letters = (one if one.isalnum() or unicodedata.category(one)[0] == "M" else " " for one in plain)
    parts = _WORDS.findall(unicodedata.normalize("NFKC", "".join(letters)))
    return [word for part in parts for word in (words(part) if part.isascii() else [part])]


@cache
def _scorer(official: bool) -> RougeScorer:
    """A scorer that splits each text once: stemming takes most of the time."""
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenizers import DefaultTokenizer

    tokenizer = DefaultTokenizer(use_stemmer=True)
    tokenizer.tokenize = lru_cache(maxsize=1 << 16)(tokenizer.tokenize if official else words)
    return RougeScorer(list(KINDS), tokenizer=tokenizer)


@lru_cache(maxsize=1 << 16)
def rouge(reference: str, response: str, official: bool = False) -> dict[str, Score]:
    """ROUGE-1, -2 and -L (precision, recall and F-measure in 0..1) of `response` against `reference`.

    ``rouge("the cat sat", "the cat ran")["rouge1"].recall == 2 / 3``.

    Args:
        reference: the right answer.
        response: what was written.
        official: whether letters beyond ASCII separate words, as in the published numbers.
    """
    return _scorer(official).score(reference, response)


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
    return per_row(lambda *row: rouge(*row)[kind].fmeasure, *_texts(records))


def _recall(records: pd.DataFrame, kind: str) -> Values:
    return per_row(lambda *row: rouge(*row)[kind].recall, *_texts(records))


def _texts(records: pd.DataFrame) -> tuple[Iterable[object], ...]:
    return records["answer"], records["response"], is_official(records)


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
