"""How likely the true answer's tokens were, by what they do: repeat the question, state the fact, neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mllmu.benchmark.language.answer_parts import AnswerPart
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


def _of(part: AnswerPart, meaning: str, blind_spot: str) -> Metric:
    """The metric of one part; ``meaning`` says which tokens it is about."""
    return Metric(
        f"{part.value}_log_prob",
        f"Log-probability of the {part.value}",
        GENERATION,
        Unit.NATS,
        lambda records: mean_log_prob(records, part),
        heading=part.value.capitalize(),
        meaning=f"mean log-probability of the tokens of the true answer that {meaning}",
        blind_spot=blind_spot,
    )


ECHO_LOG_PROB = _of(AnswerPart.ECHO, "repeat the question", "whether the fact is known")
TEMPLATE_LOG_PROB = _of(
    AnswerPart.TEMPLATE, "neither repeat the question nor state the fact", "whether the fact is known"
)
VALUE_LOG_PROB = _of(
    AnswerPart.VALUE,
    "state the fact, after all before them",
    "whether the model would come as far as the value",
)
