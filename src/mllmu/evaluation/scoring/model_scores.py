"""All scores of one model from one computation of its metrics, which takes longest."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mllmu.evaluation.scoring.comparison import person_scores_of_values
from mllmu.evaluation.scoring.score import scorable_values, score_values


@dataclass(frozen=True)
class ModelScores:
    """What a model's records score.

    Attributes:
        values: every metric of every question, as `question_values` gives it; `compare_values` takes it.
        scores: every metric per set, modality, task and view, as `score` gives it.
        person_scores: every metric that is a mean, person by person, as `person_scores` gives it.
    """

    values: pd.DataFrame
    scores: pd.DataFrame
    person_scores: pd.DataFrame


def score_model(records: pd.DataFrame, seed: int = 0, reference: pd.DataFrame | None = None) -> ModelScores:
    """Score a model's records; arguments and errors are those of `score`.

    Example:
        ::

            scored = score_model(records, reference=records_of_retrained)
            scored.scores, scored.person_scores
    """
    values = scorable_values(records, reference is not None)
    scores = score_values(values, sorted(set(records["protocol"])), seed, reference)
    return ModelScores(values, scores, person_scores_of_values(values))
