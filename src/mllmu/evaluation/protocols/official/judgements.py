"""The score files of the official judge (``eval_gpt.py``): read, matched with records, and written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mllmu.benchmark import EvaluationSet, Task
from mllmu.errors import UserError
from mllmu.evaluation.metrics.factuality import HIGHEST, LOWEST, UNREAD
from mllmu.evaluation.missing_answers import lacks_answer
from mllmu.evaluation.protocols.official.official_files import MODES
from mllmu.files import atomic_file
from mllmu.json_text import parse_json

if TYPE_CHECKING:
    import pandas as pd

_TASK, _WHO, _QUESTION, _SCORE, _WHY = (
    "Task Type",
    "Image_ID",
    "Question",
    "Factuality Score",
    "Justification",
)
_EXPECTED = "expected a *_factuality_score.json as eval_gpt.py writes it"


@dataclass(frozen=True)
class Judgement:
    """What the judge said about one answer.

    Attributes:
        image_id: whom the question is about.
        question: its wording.
        score: 1 to 10; None where none could be read from what the judge said.
        justification: the judge's reason, where it gave one.
    """

    image_id: str
    question: str
    score: int | None
    justification: str | None


def score_file(eval_set: EvaluationSet) -> str:
    """What the script calls the scores of one set: ``forget_generation_results_factuality_score.json``."""
    return f"{MODES[eval_set]}_generation_results_factuality_score.json"


def mean_score(judgements: Sequence[Judgement]) -> float:
    """The script's mean, which leaves out what it could not read; the integer 0 where that is everything."""
    scores = [one.score for one in judgements if one.score is not None]
    return sum(scores) / len(scores) if scores else 0


def read_judgements(path: Path) -> list[Judgement]:
    """The judgements of free answers in a score file; what is no number from 1 to 10 is no score.

    Raises:
        UserError: the file is missing, or has another form.
    """
    try:
        entries = parse_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"The score file {path} cannot be read: {error.strerror}; {_EXPECTED}.") from None
    except ValueError as error:
        raise UserError(f"The score file {path} cannot be read as JSON ({error}); {_EXPECTED}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UserError(f"The score file {path} holds no list of objects; {_EXPECTED}.")
    judgements = []
    for number, entry in enumerate(entries):
        if entry.get(_TASK) != "Generation":
            continue  # the averages at the end, and descriptions, which the benchmark does not ask for
        if not isinstance(entry.get(_WHO), str) or not isinstance(entry.get(_QUESTION), str):
            raise UserError(
                f"The score file {path}, entry {number}, lacks {_WHO} or {_QUESTION}; {_EXPECTED}."
            )
        why = entry.get(_WHY)
        judgements.append(
            Judgement(
                entry[_WHO],
                entry[_QUESTION],
                _score(entry.get(_SCORE)),
                why if isinstance(why, str) else None,
            )
        )
    return judgements


def write_judgements(judgements: Sequence[Judgement], path: Path) -> None:
    """Write a score file, byte for byte as the script does.

    Raises:
        UserError: the file cannot be written.
    """
    entries: list[dict[str, object]] = [
        {
            _TASK: "Generation",
            _WHO: one.image_id,
            _QUESTION: one.question,
            _SCORE: one.score,
            _WHY: one.justification,
        }
        for one in judgements
    ]
    averages = {
        "Average Generation Factuality Score": mean_score(judgements),
        "Average Description Factuality Score": 0,
    }
    with atomic_file(path) as unfinished:
        unfinished.write_text(json.dumps([*entries, averages], indent=4), encoding="utf-8")


def judged(records: pd.DataFrame, eval_set: EvaluationSet, judgements: Sequence[Judgement]) -> pd.DataFrame:
    """The records with the scores of one set's free answers, which stand in the order of the questions.

    Raises:
        UserError: the judgements are not about these questions.
    """
    asked = records[(records["task"] == Task.GENERATION) & (records["eval_set"] == eval_set)]
    asked = asked[~lacks_answer(asked)]  # as in the file that the judge reads
    if len(asked) != len(judgements):
        raise UserError(
            f"{score_file(eval_set)} holds {len(judgements)} scores for {len(asked)} questions of the "
            f"{eval_set} set; expected one each, of the same evaluation."
        )
    for number, (who, question, one) in enumerate(
        zip(asked["profile_id"], asked["question"], judgements, strict=True)
    ):
        if (who, question) != (one.image_id, one.question):
            raise UserError(
                f"{score_file(eval_set)}, entry {number}, is about {one.image_id!r} and {one.question!r}; "
                f"expected {who!r} and {question!r}, as in the evaluation."
            )
    scored = records.copy()
    scores = [float(UNREAD if one.score is None else one.score) for one in judgements]
    scored.loc[asked.index, "judge_score"] = scores
    return scored


def _score(value: object) -> int | None:
    """A whole number from 1 to 10, also where it is written as a text; None for anything else."""
    whole = re.fullmatch(r"\s*(\d{1,4})(?:\.0+)?\s*", str(value))
    score = int(whole[1]) if whole else UNREAD
    return score if LOWEST <= score <= HIGHEST else None
