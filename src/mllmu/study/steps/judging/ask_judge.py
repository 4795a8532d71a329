"""Having a language model judge the free answers of an evaluation that was made before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mllmu.benchmark import Task
from mllmu.errors import UserError
from mllmu.evaluation import lacks_answer, read_records
from mllmu.evaluation.judge.verdicts import (
    AnswerPair,
    Judge,
    JudgeVerdict,
    Outcome,
    require_verdicts,
)
from mllmu.evaluation.metrics.factuality import UNREAD
from mllmu.evaluation.metrics.values import values_by_attribute
from mllmu.files import atomic_file
from mllmu.progress import Progress
from mllmu.report import read_results
from mllmu.study.pipeline.tables.results_table import only_records
from mllmu.study.steps.judging.judged_results import write_judged
from mllmu.study.steps.judging.noted_judge import note_judge

VERDICTS_FILE = "verdicts.csv"


@dataclass(frozen=True)
class AskedVerdicts:
    """What became of an evaluation's free answers.

    Attributes:
        scores: metrics factuality, factuality_counted and factuality_unread per set, modality and view.
        judged: number of answers with a verdict.
        problems: why others have none, and how often.
    """

    scores: pd.DataFrame
    judged: int
    problems: Mapping[str, int]


def free_answers(folder: Path) -> list[AnswerPair]:
    """The free answers of an evaluation, in the order of its records.

    Raises:
        UserError: the folder holds no evaluation, or one without free answers.
    """
    return _pairs(_free(read_records(only_records(folder)), folder))


def judge_answers(
    folder: Path, judge: Judge, seed: int = 0, progress: Progress | None = None
) -> AskedVerdicts:
    """Have a judge score every free answer, and take its scores into records and results.

    Answers without a verdict because the judge could not be asked have no score; those whose reply could not
    be read count as unread. Verdicts with their reasons are written beside the results.

    Args:
        folder: what ``mllmu evaluate`` wrote; its files are replaced.
        judge: the judge.
        seed: of the bootstrap behind the intervals.
        progress: told of every answer.

    Raises:
        UserError: the folder does not hold what is expected, or the judge scored nothing at all.
    """
    path = only_records(folder)
    records, results = read_records(path), read_results(folder)
    free = _free(records, folder)
    outcomes = judge.judge(_pairs(free), progress)
    problems = require_verdicts(judge.name, outcomes)
    judged = len(outcomes) - problems.total()
    records.loc[free.index, "judge_score"] = [_score(one) for one in outcomes]
    scores = write_judged(folder, records, results, seed)
    note_judge(folder, path.stem, judge.name)
    _write_verdicts(free, outcomes, judge.name, folder / VERDICTS_FILE)
    return AskedVerdicts(scores, judged, dict(problems.most_common()))


def _free(records: pd.DataFrame, folder: Path) -> pd.DataFrame:
    free = records[(records["task"] == Task.GENERATION) & ~lacks_answer(records)]
    if free.empty:
        raise UserError(f"{folder} holds no free answers; expected an evaluation with generation questions.")
    return free


def _pairs(free: pd.DataFrame) -> list[AnswerPair]:
    columns = (free[name] for name in ("question", "answer", "value", "response", "attribute"))
    values = values_by_attribute(free)
    rows = (map(str, row) for row in zip(*columns, strict=True))
    return [
        AnswerPair(question, answer, value, response, attribute, values.get(attribute, ()))
        for question, answer, value, response, attribute in rows
    ]


def _score(outcome: Outcome) -> float:
    if isinstance(outcome, JudgeVerdict):
        return float(outcome.score)
    return float(UNREAD) if outcome.replied else float("nan")


def _write_verdicts(free: pd.DataFrame, outcomes: Sequence[Outcome], judge: str, path: Path) -> None:
    names = ["eval_set", "modality", "profile_id", "attribute", "question", "answer", "response"]
    table = free[names].assign(
        judge=judge,
        score=[one.score if isinstance(one, JudgeVerdict) else None for one in outcomes],
        reason=[one.reason for one in outcomes],
    )
    with atomic_file(path) as unfinished:
        table.astype({"score": "Int64"}).to_csv(unfinished, index=False)
