"""Answers and likelihoods that are not there: which records lack them, and what an evaluation says then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mllmu.benchmark.types import Task

if TYPE_CHECKING:
    import pandas as pd

# Below this share they change no score much, and are only left out.
_SHARE_TO_WARN_OF = 0.01


def lacks_answer(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether a record lacks what the model was to write.

    An empty text is an answer: a model in memory that writes nothing.
    """
    return records["response"].isna() | records["chosen_letter"].isna()


def lacks_likelihood(records: pd.DataFrame) -> pd.Series[bool]:
    """Whether an answer or option was scored and has no likelihood (NaN), as where weights overflow."""
    lacking = records["task"].isna()
    for column in ("option_log_probs", "answer_log_probs"):
        lacking |= records[column].map(
            lambda given: hasattr(given, "__len__") and bool(np.isnan(given).any())
        )
    return lacking


def missing_likelihoods_warning(records: pd.DataFrame) -> str:
    """A sentence for people if some likelihoods of one model are no numbers; empty if not."""
    lacking = lacks_likelihood(records)
    if not lacking.any():
        return ""
    return (
        f"{lacking.sum()} of {len(records)} questions ({lacking.mean():.1%}) have a likelihood that is no "
        f"number ({_forms(records[lacking])}): the model's weights overflow. Scores of likelihoods leave "
        "them out."
    )


def missing_answers_warning(records: pd.DataFrame) -> str:
    """A sentence for people if more than 1 % of the answers of one model are missing; empty if not."""
    lacking = lacks_answer(records)
    if not len(records) or lacking.mean() <= _SHARE_TO_WARN_OF:
        return ""
    return (
        f"{lacking.sum()} of {len(records)} answers ({lacking.mean():.1%}) are missing "
        f"({_forms(records[lacking])}): the server gave none. Scores leave them out, and hold only if what "
        "is missing is like the rest."
    )


def _forms(records: pd.DataFrame) -> str:
    """How many questions of each task there are."""
    tasks = records["task"].value_counts()
    return ", ".join(f"{tasks[task.value]} {task.value}" for task in Task if task.value in tasks)
