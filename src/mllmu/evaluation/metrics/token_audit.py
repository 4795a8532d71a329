"""How likely the true answer's tokens were, by what they do: repeat the question, state the fact, neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mllmu.benchmark.answer_parts import AnswerPart
from mllmu.evaluation.metrics.metric import GENERATION, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_row

if TYPE_CHECKING:
    import pandas as pd


def mean_log_prob(records: pd.DataFrame, part: AnswerPart) -> Values:
    """Mean log-probability of the tokens of one part, teacher-forced, in nats, at most 0.

    NaN where an answer has no such token, or it is not known what its tokens do.
    """

    def value(log_probs: Sequence[float], parts: Sequence[str]) -> float:
        chosen = [one for one, does in zip(log_probs, parts, strict=len(parts) > 0) if does == part.value]
        return float(np.mean(chosen)) if chosen else float("nan")

    return per_row(value, records["answer_log_probs"], records["answer_parts"])


ECHO_LOG_PROB = Metric(
    "echo_log_prob",
    "Log-probability of the echo",
    GENERATION,
    Unit.NATS,
    lambda records: mean_log_prob(records, AnswerPart.ECHO),
    heading="Echo",
    meaning="mean log-probability of the tokens of the true answer that repeat the question",
    blind_spot="whether the fact is known",
)

TEMPLATE_LOG_PROB = Metric(
    "template_log_prob",
    "Log-probability of the template",
    GENERATION,
    Unit.NATS,
    lambda records: mean_log_prob(records, AnswerPart.TEMPLATE),
    heading="Template",
    meaning="mean log-probability of the tokens of the true answer that do neither",
    blind_spot="whether the fact is known",
)

VALUE_LOG_PROB = Metric(
    "value_log_prob",
    "Log-probability of the value",
    GENERATION,
    Unit.NATS,
    lambda records: mean_log_prob(records, AnswerPart.VALUE),
    heading="Value",
    meaning="mean log-probability of the tokens of the true answer that state the fact",
    blind_spot="whether the model would come as far as the value",
)
