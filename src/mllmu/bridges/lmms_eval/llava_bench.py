"""LLaVA-Bench (in the wild, arXiv 2304.08485), rated by our judge from what lmms-eval wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mllmu.bridges.lmms_eval.lmms_files import LmmsResults, read_lmms_results
from mllmu.bridges.lmms_eval.utility_table import LLAVA_REVIEW, UTILITY_COLUMNS
from mllmu.errors import UserError
from mllmu.evaluation.judge.verdicts import (
    HIGHEST,
    LOWEST,
    AnswerPair,
    Judge,
    JudgeVerdict,
    require_verdicts,
)
from mllmu.evaluation.scoring.bootstrap import Floats
from mllmu.evaluation.scoring.resampling import estimate
from mllmu.files import updated_folder
from mllmu.progress import Progress
from mllmu.study.pipeline.tables.parquet_table import write_table

SCORES_FILE = "llava_bench.parquet"
VERDICTS_FILE = "llava_verdicts.csv"
_TASK = "llava_in_the_wild"
_REVIEW = f"{LLAVA_REVIEW}all"
_PARTS = ("question", "context", "ans1", "ans2", "category")


@dataclass(frozen=True)
class LlavaAnswer:
    """One question with the answer of a model and the one that LLaVA-Bench compares it with.

    Attributes:
        model: what lmms-eval calls it.
        category: conv, detail or complex.
        given: the model's answer, as the judge is asked about it.
        reference: the other one, likewise.
    """

    model: str
    category: str
    given: AnswerPair
    reference: AnswerPair


@dataclass(frozen=True)
class JudgedLlavaBench:
    """What became of the answers.

    Attributes:
        scores: rows as of `read_utility`: ``judge_score``, 1 to 10, and ``judge_relative``, the mean score as
            per cent of the reference answers', of each category and of all.
        judged: number of answers with a verdict.
        problems: why others have none, and how often.
    """

    scores: pd.DataFrame
    judged: int
    problems: Mapping[str, int]


def llava_answers(folder: Path) -> list[LlavaAnswer]:
    """The answers to LLaVA-Bench below a folder; of a model that was asked again, the newest.

    Raises:
        UserError: there are none, or they cannot be read.
    """
    newest = {
        results.model: answers for results in read_lmms_results(folder) if (answers := _answers(results))
    }
    if not newest:
        raise UserError(
            f"{folder} holds no answers to LLaVA-Bench; expected those of mllmu utility --tasks {_TASK}."
        )
    return [answer for _, answers in sorted(newest.items()) for answer in answers]


def judge_llava_bench(
    folder: Path,
    answers: Sequence[LlavaAnswer],
    judge: Judge,
    seed: int = 0,
    progress: Progress | None = None,
) -> JudgedLlavaBench:
    """Have a judge rate every answer and every reference answer, each by itself, and write the scores.

    Only questions count of which both answers have a verdict. Pictures are resampled, with all of their
    questions.

    Args:
        folder: where ``llava_bench.parquet`` and ``llava_verdicts.csv`` are written.
        answers: as from `llava_answers`.
        judge: the judge, with the rubric of `llava_messages`.
        seed: of the bootstrap behind the intervals.
        progress: told of every answer.

    Raises:
        UserError: the judge scored nothing at all, or the files cannot be written.
    """
    pairs = [pair for answer in answers for pair in (answer.given, answer.reference)]
    outcomes = judge.judge(pairs, progress)
    problems = require_verdicts(judge.name, outcomes)
    scores = [float(one.score) if isinstance(one, JudgeVerdict) else np.nan for one in outcomes]
    verdicts = pd.DataFrame(
        {
            "model": [one.model for one in answers],
            "category": [one.category for one in answers],
            "question": [one.given.question for one in answers],
            "captions": [one.given.answer for one in answers],
            "answer": [one.given.given for one in answers],
            "judge": judge.name,
            "score": scores[::2],
            "reason": [one.reason for one in outcomes[::2]],
            "reference_score": scores[1::2],
        }
    )
    table = _scores(verdicts, seed)
    with updated_folder(folder) as unfinished:
        verdicts.to_csv(unfinished / VERDICTS_FILE, index=False)
        write_table(table, unfinished / SCORES_FILE)
    return JudgedLlavaBench(table, len(outcomes) - problems.total(), dict(problems.most_common()))


def _answers(results: LmmsResults) -> list[LlavaAnswer]:
    """Those of one results file; none where the task was not asked."""
    return [
        _answer(results, sample[_REVIEW], number)
        for number, sample in enumerate(results.samples(_TASK), start=1)
        if _REVIEW in sample
    ]


def _answer(results: LmmsResults, review: Any, number: int) -> LlavaAnswer:
    written = [review.get(part) for part in _PARTS] if isinstance(review, dict) else []
    texts = [text for text in written if isinstance(text, str)]
    if len(texts) < len(_PARTS):
        raise UserError(
            f"Sample {number} of {_TASK} beside {results.file} lacks one of the texts {', '.join(_PARTS)}; "
            f"expected them in its {_REVIEW}."
        )
    question, captions, reference, given, category = texts
    return LlavaAnswer(
        results.model,
        category.removeprefix("llava_bench_"),
        AnswerPair(question, captions, "", given),
        AnswerPair(question, captions, "", reference),
    )


def _scores(verdicts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Both numbers of each model, of all questions and of each category."""
    rows: list[tuple[object, ...]] = []
    for model, of_model in verdicts.dropna().groupby("model"):
        parts = [("all", of_model), *((str(name), part) for name, part in of_model.groupby("category"))]
        for category, part in parts:
            columns = part["score"].to_numpy(), part["reference_score"].to_numpy()
            pictures = list(part["captions"])
            absolute = estimate(_mean, columns[:1], pictures, seed=seed, bounds=(LOWEST, HIGHEST))
            relative = estimate(_relative, columns, pictures, seed=seed)
            for metric, one in (("judge_score", absolute), ("judge_relative", relative)):
                note = "" if one.low == one.low else "too few pictures, or all alike"
                cell = (str(model), _TASK, f"{metric}.{category}", "")
                rows.append((*cell, one.value, np.nan, one.low, one.high, one.n, note))
    return pd.DataFrame(rows, columns=list(UTILITY_COLUMNS))


def _mean(scores: Floats) -> float:
    return float(scores.mean())


def _relative(scores: Floats, reference_scores: Floats) -> float:
    return float(100 * scores.mean() / reference_scores.mean())
