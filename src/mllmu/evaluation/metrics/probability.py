"""How likely the reference answer was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metrics.metric import WRITTEN, Metric, Unit, Values
from mllmu.evaluation.metrics.values import mean_nll, per_row

if TYPE_CHECKING:
    import pandas as pd


def answer_probability(records: pd.DataFrame) -> Values:
    """exp(-nll) per token, end token included, in 0..1 (TOFU, arXiv 2401.06121, section 2.2.2)."""
    return np.exp(-per_row(mean_nll, records["answer_log_probs"]))


ANSWER_PROBABILITY = Metric(
    "answer_probability",
    "Probability of the answer",
    WRITTEN,
    Unit.FRACTION,
    answer_probability,
    heading="Prob.",
    meaning="probability of the true answer per token, 0 to 1",
    blind_spot="the echoed words of the question weigh as much as the fact",
)
