"""Answers that a server did not give: which records lack them, and when an evaluation has to say so first."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def missing_answers_warning(records: pd.DataFrame) -> str:
    """A sentence for people if more than 1 % of the answers of one model are missing; empty if not."""
    lacking = lacks_answer(records)
    if not len(records) or lacking.mean() <= _SHARE_TO_WARN_OF:
        return ""
    tasks = records["task"][lacking].value_counts()
    forms = ", ".join(f"{tasks[task.value]} {task.value}" for task in Task if task.value in tasks)
    return (
        f"{lacking.sum()} of {len(records)} answers ({lacking.mean():.1%}) are missing ({forms}): the server "
        "gave none. Scores leave them out, and hold only if what is missing is like the rest."
    )
