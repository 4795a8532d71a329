"""Truth ratio (TOFU, arXiv 2401.06121, section 2.2.2): are false answers as likely as the true one?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation.metrics.metric import GENERATION, Direction, Metric, Unit, Values
from mllmu.evaluation.metrics.values import mean_nll, per_row

if TYPE_CHECKING:
    import pandas as pd

_TO_FORGET = (EvaluationSet.FORGET.value, EvaluationSet.TEST.value, EvaluationSet.TRAINED.value)


def ratio(paraphrase_nll: float, wrong_nlls: Sequence[float]) -> float:
    """R = exp(-mean_i nll(wrong_i)) / exp(-nll(paraphrase)), with nll per token; NaN without wrong answers.

    nll 2 for the paraphrase, 3 and 5 for two wrong answers: R = exp(2 - 4) = 0.1353.
    """
    if not len(wrong_nlls):
        return float("nan")
    # A difference that overflows stands for a ratio as far from 1 as can be: inf is meant.
    with np.errstate(over="ignore"):
        return float(np.exp(paraphrase_nll - np.mean(wrong_nlls)))


def raw_truth_ratio(records: pd.DataFrame) -> Values:
    """R of each question, above 0: 1 where false and true answers are equally likely."""

    def value(paraphrase: Sequence[float], wrong: Sequence[Sequence[float]]) -> float:
        return ratio(mean_nll(paraphrase), [mean_nll(log_probs) for log_probs in wrong])

    return per_row(value, records["paraphrase_log_probs"], records["wrong_log_probs"])


def truth_ratio(records: pd.DataFrame) -> Values:
    """Of people to be forgotten min(R, 1/R), of everybody else max(0, 1 - R); both in 0..1, high is good."""
    raw = raw_truth_ratio(records)
    # A ratio that vanishes is as far from 1 as can be: 1/0 = inf is meant.
    with np.errstate(divide="ignore"):
        indistinct = np.minimum(raw, 1 / raw)
    return np.where(records["eval_set"].isin(_TO_FORGET), indistinct, np.maximum(0.0, 1 - raw))


TRUTH_RATIO = Metric(
    "truth_ratio",
    "Truth ratio",
    GENERATION,
    Unit.FRACTION,
    truth_ratio,
    meaning="whether false answers are as likely as the true one, 0 to 1",
    blind_spot="a model that finds everything unlikely scores well on people to forget",
    direction=Direction.HIGHER,
)
