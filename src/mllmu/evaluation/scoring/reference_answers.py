"""A reference's answers, as the models are asked that are read against it."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from mllmu.evaluation.questions.items import Key
from mllmu.evaluation.records import record_keys, with_python_texts
from mllmu.evaluation.scoring.score import question_values
from mllmu.evaluation.set_metrics.set_metric import Asked


class ReferenceAnswers:
    """The records of a reference; their values are computed once for all models that were asked alike."""

    def __init__(self, records: pd.DataFrame) -> None:
        self._records = with_python_texts(records)
        self._asked: dict[tuple[tuple[Key, str], ...], Asked] = {}

    def lacking(self, records: pd.DataFrame) -> Key | None:
        """The first of another model's questions that the reference was not asked."""
        return next((key for key in record_keys(records) if key not in self._row_of), None)

    def to_questions_of(self, records: pd.DataFrame) -> Asked:
        """Answers to another model's questions, each in the set in which that model was asked it.

        A person to forget under one ratio is to be retained under another.

        Raises:
            KeyError: the reference was not asked one of them, see `lacking`.
        """
        keys, sets = record_keys(records), list(records["eval_set"])
        questions = tuple(zip(keys, sets, strict=True))
        if questions not in self._asked:
            rows = [self._row_of[key] for key in keys]
            chosen = set(rows)
            # Scored with all else that it was asked, as the model is: what is true of others decides whether
            # an answer names the value or a longer one.
            others = [row for row in range(len(self._records)) if row not in chosen]
            whole = self._records.iloc[[*rows, *others]].reset_index(drop=True)
            whole["eval_set"] = [*sets, *whole["eval_set"].iloc[len(rows) :]]
            values = question_values(whole)
            same = whole.iloc[: len(rows)]
            asked = values[values["record"].isin(set(keys))].reset_index(drop=True)
            self._asked[questions] = Asked(same, asked)
        return self._asked[questions]

    @cached_property
    def _row_of(self) -> dict[Key, int]:
        return {key: row for row, key in enumerate(record_keys(self._records))}
