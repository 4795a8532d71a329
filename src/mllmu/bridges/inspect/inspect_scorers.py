"""Our metrics as scorers of inspect_ai: of one answer each, the value that our tables take the mean of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState

from mllmu.benchmark import Question, Task
from mllmu.evaluation import STRICT, get_metric
from mllmu.evaluation.metrics.containment import longer_values
from mllmu.evaluation.protocols.strict.letters import read_letter

METRICS_OF: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        Task.CLASSIFICATION: ("letter_accuracy", "letter_invalid"),
        Task.CLOZE: ("cloze_contains", "cloze_exact"),
        Task.GENERATION: ("generation_contains", "rougeL_f"),
    }
)
"""What an answer that was written is scored by, as protocol ``strict`` asks for it."""


def scoring_metadata(question: Question, others: Sequence[Question]) -> dict[str, Any]:
    """All that the scorers need to know of a question, as a sample's metadata.

    Args:
        question: what is asked.
        others: all questions that its model is asked. An answer that names what is true of another one does
            not name the part of it that is the value here, see `cloze_contains`.
    """
    alike = [one for one in others if question.attribute and one.attribute == question.attribute]
    return {
        "profile_id": question.profile_id,
        "task": question.task.value,
        "attribute": question.attribute,
        "answer": question.answer,
        "value": question.value,
        "options": dict(question.options),
        "correct_option": question.correct_option,
        "longer_answers": sorted(set(longer_values(question.answer, (one.answer for one in alike)))),
        "longer_values": sorted(set(longer_values(question.value, (one.value for one in alike)))),
    }


def answer_value(metric: str, metadata: Mapping[str, Any], written: str) -> float:
    """The value of one written answer, NaN where the question does not have what the metric needs.

    Args:
        metric: its name.
        metadata: as from `scoring_metadata`.
        written: what the model wrote.
    """
    is_choice = metadata["task"] == Task.CLASSIFICATION.value
    text = written.strip()
    own = {
        **{name: metadata[name] for name in ("attribute", "answer", "value", "correct_option")},
        "response": text,
        "letter_response": text if is_choice else None,
        "chosen_letter": read_letter(text, metadata["options"]) if is_choice else "",
    }
    # Rows without an answer have no value, and only say what else there is.
    further = [
        {**own, "answer": answer, "value": value, "response": None}
        for column, answer, value in (
            *(("answer", one, "") for one in metadata["longer_answers"]),
            *(("value", "", one) for one in metadata["longer_values"]),
        )
    ]
    records = pd.DataFrame([own, *further]).assign(protocol=STRICT.name)
    return float(get_metric(metric).compute(records)[0])


def _scorer_of(name: str) -> Callable[[], Scorer]:
    """The scorer of a metric, under its name; unscored answers do not count, people do."""

    @scorer(metrics=[mean(), stderr(cluster="profile_id")], name=name)
    def metric_scorer() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            written = state.output.completion
            return Score(value=answer_value(name, state.metadata, written), answer=written)

        return score

    made: Callable[[], Scorer] = metric_scorer
    return made


SCORERS: Mapping[str, Callable[[], Scorer]] = MappingProxyType(
    {name: _scorer_of(name) for names in METRICS_OF.values() for name in names}
)
"""One scorer for each metric, by its name."""
