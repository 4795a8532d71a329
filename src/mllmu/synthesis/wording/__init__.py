"""Templates of questions and answers in four disjoint pools, and how they are filled in."""

from mllmu.synthesis.wording.grammar import article_for, with_article, with_the
from mllmu.synthesis.wording.pools import POOLS, WITHHELD, Wordings, wordings
from mllmu.synthesis.wording.references import Reference, answer_reference, pick_reference
from mllmu.synthesis.wording.templates import fill

__all__ = [
    "POOLS",
    "WITHHELD",
    "Reference",
    "Wordings",
    "answer_reference",
    "article_for",
    "fill",
    "pick_reference",
    "with_article",
    "with_the",
    "wordings",
]
