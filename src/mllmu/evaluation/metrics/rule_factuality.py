"""Factuality by rules: the score of 1 to 10 that the rule judge gives a free answer, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.evaluation.judge.rules.rule_judge import judge_by_rules
from mllmu.evaluation.judge.verdicts import AnswerPair
from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row, values_by_attribute

if TYPE_CHECKING:
    import pandas as pd


def factuality_by_rules(records: pd.DataFrame) -> Values:
    """The rule judge's scores [n], 1 to 10; NaN where the answer is missing."""
    values = values_by_attribute(records)

    def score(question: str, answer: str, value: str, given: str, attribute: str) -> float:
        others = values.get(attribute, ())
        return float(judge_by_rules(AnswerPair(question, answer, value, given, attribute, others)).score)

    return per_row(
        score, *(records[name] for name in ("question", "answer", "value", "response", "attribute"))
    )


RULE_FACTUALITY = Metric(
    "factuality_rules",
    "Factuality (rules)",
    GENERATION,
    Unit.SCORE,
    factuality_by_rules,
    meaning="the score the rule judge gave, 1 to 10; no language model's score",
    blind_spot="a right value in words that the rules do not know, which counts as another value",
)
