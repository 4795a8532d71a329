"""Models for tests of set metrics: records as they were asked, and references beside them."""

from __future__ import annotations

import pandas as pd

from mllmu.evaluation import Models, ReferenceModel, question_values
from mllmu.evaluation.scoring.model_scores import compared_models
from tests.evaluation.rows import frame


def answer(
    person: str, log_probs: list[float], eval_set: str = "forget", **filled: object
) -> dict[str, object]:
    """A generation record of one person's answer, by the log-probabilities of its tokens."""
    asked = {"profile_id": person, "question_id": f"{person}/0", "eval_set": eval_set, "protocol": "strict"}
    return {**asked, "answer": f"Riga {person}", "response": "", "answer_log_probs": log_probs, **filled}


def models(
    records: pd.DataFrame, retrained: pd.DataFrame | None = None, vanilla: pd.DataFrame | None = None
) -> Models:
    """A model beside its references."""
    references = {ReferenceModel.RETRAINED: retrained, ReferenceModel.VANILLA: vanilla}
    return compared_models(records, question_values(records), references)


__all__ = ["answer", "frame", "models"]
