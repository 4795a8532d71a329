"""Factuality: the score of 1 to 10 that a judge gave a free answer (MLLMU-Bench, ``eval_gpt.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mllmu.evaluation.metrics.metric import GENERATION, Direction, Metric, Unit, Values

if TYPE_CHECKING:
    import pandas as pd

LOWEST, HIGHEST = 1, 10
# What a record holds where a judge was asked and no score could be read from what it said.
UNREAD = 0


def factuality(records: pd.DataFrame) -> Values:
    """The judge's score; NaN where it could not be read, which the official mean leaves out."""
    scores = _scores(records)
    return np.where(scores == UNREAD, np.nan, scores)


def factuality_counted(records: pd.DataFrame) -> Values:
    """The judge's score, the lowest where it could not be read."""
    return np.maximum(_scores(records), LOWEST)


def factuality_unread(records: pd.DataFrame) -> Values:
    """100 where the judge's score could not be read, else 0."""
    scores = _scores(records)
    return np.where(np.isnan(scores), np.nan, np.where(scores == UNREAD, 100.0, 0.0))


def _scores(records: pd.DataFrame) -> Values:
    """NaN where no judge was asked."""
    return records["judge_score"].to_numpy(dtype=np.float64, na_value=np.nan)


FACTUALITY = Metric(
    "factuality",
    "Factuality (judge)",
    GENERATION,
    Unit.SCORE,
    factuality,
    heading="Factuality",
    meaning="the score a judge gave, 1 to 10",
    blind_spot="whatever the judge gets wrong; answers without a readable score are left out",
)

FACTUALITY_COUNTED = Metric(
    "factuality_counted",
    "Factuality (unread as 1)",
    GENERATION,
    Unit.SCORE,
    factuality_counted,
    meaning="the score a judge gave, 1 to 10, and 1 where none could be read",
    blind_spot="whatever the judge gets wrong",
)

FACTUALITY_UNREAD = Metric(
    "factuality_unread",
    "No score to be read",
    GENERATION,
    Unit.PER_CENT,
    factuality_unread,
    meaning="the judge gave no score that could be read (%)",
    blind_spot="whether the answer was right",
    direction=Direction.LOWER,
)
