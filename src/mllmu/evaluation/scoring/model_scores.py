"""All scores of one model from one computation of its metrics, which takes longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mllmu.evaluation.records import with_python_texts
from mllmu.evaluation.scoring.comparison import person_scores_of_values
from mllmu.evaluation.scoring.reference_answers import ReferenceAnswers
from mllmu.evaluation.scoring.score import question_values, score_values
from mllmu.evaluation.scoring.set_scores import set_scores
from mllmu.evaluation.set_metrics.aligned_values import COMPARED_SETS
from mllmu.evaluation.set_metrics.kept_facts import asks_for_kept_facts
from mllmu.evaluation.set_metrics.set_metric import Asked, Models, ReferenceModel


@dataclass(frozen=True)
class ModelScores:
    """What a model's records score.

    Attributes:
        values: every per-question metric of every question, as `question_values` gives it; `compare_values`
            takes it.
        scores: every metric per set, modality, task and view, as `score` gives it.
        person_scores: every per-question metric, person by person, as `person_scores` gives it.
    """

    values: pd.DataFrame
    scores: pd.DataFrame
    person_scores: pd.DataFrame


def score(
    records: pd.DataFrame,
    seed: int = 0,
    reference: pd.DataFrame | None = None,
    vanilla: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every metric per set, modality, task and view, with a 95 % interval clustered by person.

    Rows of mean accuracies follow those of per-question metrics (see `mean_accuracies`), and after them come
    those of set metrics (see `SetMetric`).

    Args:
        records: of one model.
        seed: of the bootstrap.
        reference: records of the model that scores are read against: the retrained one of the same split and
            seed, asked the same.
        vanilla: records of the model before unlearning, asked the same.

    Returns:
        Columns eval_set, modality, task, metric, view, value, ci_low, ci_high, n (records), n_people and
        missing; accuracies in per cent, a judge's scores in 1..10, log-probabilities in nats, most others in
        0..1. The ends of an interval are NaN where nothing is known of it, as with a single person. Where a
        set metric has no value, as without a reference that was asked the same, ``missing`` says why.

    Example:
        ::

            scores = score(records, reference=records_of_retrained, vanilla=records_of_vanilla)
            scores[scores["metric"] == "forget_quality"]
    """
    return score_model(records, seed, reference, vanilla).scores


def score_model(
    records: pd.DataFrame,
    seed: int = 0,
    reference: pd.DataFrame | ReferenceAnswers | None = None,
    vanilla: pd.DataFrame | ReferenceAnswers | None = None,
) -> ModelScores:
    """Score a model's records; arguments are those of `score`.

    References whose records stand in a `ReferenceAnswers` have their values computed once for many models.

    Example:
        ::

            scored = score_model(records, reference=records_of_retrained)
            scored.scores, scored.person_scores
    """
    records = with_python_texts(records.reset_index(drop=True))
    values = question_values(records)
    models = compared_models(
        records, values, {ReferenceModel.RETRAINED: reference, ReferenceModel.VANILLA: vanilla}
    )
    of_questions = score_values(values, sorted(set(records["protocol"])), seed)
    scores = pd.concat([of_questions, set_scores(models, seed)], ignore_index=True)
    return ModelScores(values, scores, person_scores_of_values(values))


def compared_models(
    records: pd.DataFrame,
    values: pd.DataFrame,
    references: Mapping[ReferenceModel, pd.DataFrame | ReferenceAnswers | None],
) -> Models:
    """A model beside its references, as far as they were asked the same.

    Args:
        records: of the model.
        values: of its questions, see `question_values`.
        references: the records of each; None where there are none.
    """
    asked: dict[ReferenceModel, Asked] = {}
    reasons: dict[ReferenceModel, str] = {}
    wanted = records[records["eval_set"].isin(COMPARED_SETS) | asks_for_kept_facts(records)]
    for reference, others in references.items():
        if others is None:
            continue
        answers = ReferenceAnswers(others) if isinstance(others, pd.DataFrame) else others
        if (lacking := answers.lacking(wanted)) is not None:
            # A number of what is left would look like one of everything.
            reasons[reference] = f"the {reference.value} model was not asked question {lacking[0]}"
        else:
            asked[reference] = answers.to_questions_of(wanted)
    retrained, vanilla = asked.get(ReferenceModel.RETRAINED), asked.get(ReferenceModel.VANILLA)
    return Models(Asked(records, values), retrained, vanilla, reasons)
