"""Protects: a reference is scored as the model is that is read against it."""

from __future__ import annotations

import pandas as pd

from mllmu.evaluation.scoring.model_scores import compared_models
from mllmu.evaluation.scoring.score import question_values
from mllmu.evaluation.set_metrics.set_metric import Models, ReferenceModel
from tests.evaluation.rows import frame


def asked(person: str, eval_set: str, value: str, response: str) -> dict[str, object]:
    return {
        "profile_id": person,
        "question_id": person,
        "question": f"What does {person} do?",
        "eval_set": eval_set,
        "modality": "text",
        "task": "generation",
        "attribute": "profession",
        "protocol": "strict",
        "value": value,
        "answer": f"Works as a {value}.",
        "response": response,
    }


def test_what_is_true_of_others_counts_for_the_reference_as_well() -> None:
    """A retain person is a veterinary nurse, so that this answer about a nurse names another profession.

    References are read on forget questions alone; scored on those alone, vanilla would have been right.
    """
    wrong = "Works as a veterinary nurse."
    records = frame(
        asked("f", "forget", "nurse", wrong),
        asked("g", "forget", "nurse", "Works as a nurse."),
        asked("r", "retain", "veterinary nurse", wrong),
    )
    models = compared_models(records, question_values(records), _references(records))
    for values in (models.model.usual_values_of("generation_contains"), *_read(models)):
        scores = dict(zip(values["profile_id"], values["value"], strict=True))
        assert (scores["f"], scores["g"]) == (0, 100)
    assert all(set(values["eval_set"]) == {"forget"} for values in _read(models))


def _references(records: pd.DataFrame) -> dict[ReferenceModel, pd.DataFrame]:
    return {one: records.copy() for one in ReferenceModel}


def _read(models: Models) -> list[pd.DataFrame]:
    references = [one for one in (models.retrained, models.vanilla) if one is not None]
    assert len(references) == 2
    return [one.usual_values_of("generation_contains") for one in references]
