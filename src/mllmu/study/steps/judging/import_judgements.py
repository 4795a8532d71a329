"""Bringing a judge's scores into an evaluation that was made before."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mllmu.benchmark import EvaluationSet
from mllmu.errors import UserError
from mllmu.evaluation import read_records
from mllmu.evaluation.metrics.factuality import LOWEST
from mllmu.evaluation.protocols.official.judgements import (
    Judgement,
    judged,
    mean_score,
    read_judgements,
    score_file,
    write_judgements,
)
from mllmu.evaluation.protocols.official.official_questions import SETS
from mllmu.report import read_results
from mllmu.study.pipeline.tables.results_table import only_records
from mllmu.study.steps.judging.judged_results import write_judged
from mllmu.study.steps.judging.noted_judge import OFFICIAL_JUDGE, judges_of, note_judge

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class JudgedSet:
    """What a judge said about one set.

    Attributes:
        eval_set: the set.
        answers: how many answers were judged.
        unread: how many of its scores could not be read.
        official_mean: without those, 1 to 10.
        counted_mean: with those as the lowest score, 1 to 10.
    """

    eval_set: EvaluationSet
    answers: int
    unread: int
    official_mean: float
    counted_mean: float


def import_judgements(folder: Path, scores: Path, seed: int) -> list[JudgedSet]:
    """Take the official judge's scores into an evaluation's records and results, and keep its files there.

    Sets without a score file keep what was imported before, and lose what another judge said of them.

    Args:
        folder: what ``mllmu evaluate`` wrote; its files are replaced.
        scores: where ``eval_gpt.py`` left its score files.
        seed: of the bootstrap behind the intervals.

    Raises:
        UserError: a folder does not hold what is expected, or the scores are of other answers.
    """
    path = only_records(folder)
    records, results = read_records(path), read_results(folder)
    by_set = {
        eval_set: read_judgements(scores / score_file(eval_set))
        for eval_set in SETS
        if (scores / score_file(eval_set)).is_file()
    }
    if not by_set:
        raise UserError(
            f"{scores} holds no score file; expected e.g. {score_file(EvaluationSet.FORGET)}, as eval_gpt.py "
            "writes it."
        )
    for eval_set, judgements in by_set.items():
        records = judged(records, eval_set, judgements)
    if judges_of(folder) != [OFFICIAL_JUDGE]:
        records = _without_others(records, list(by_set))
    write_judged(folder, records, results, seed)
    note_judge(folder, path.stem, OFFICIAL_JUDGE)
    for eval_set, judgements in by_set.items():
        write_judgements(judgements, folder / score_file(eval_set))
    return [_verdict(eval_set, judgements) for eval_set, judgements in by_set.items()]


def _without_others(records: pd.DataFrame, judged_sets: Sequence[EvaluationSet]) -> pd.DataFrame:
    """The records without what another judge said of further sets: it would pass for this one's."""
    others = records["judge_score"].notna() & ~records["eval_set"].isin(judged_sets)
    if others.any():
        sets = ", ".join(sorted(set(records.loc[others, "eval_set"])))
        _LOG.warning(
            "Another judge's scores of %d answers (%s) were taken away, as no file has this judge's.",
            others.sum(),
            sets,
        )
    return records.assign(judge_score=records["judge_score"].mask(others))


def _verdict(eval_set: EvaluationSet, judgements: Sequence[Judgement]) -> JudgedSet:
    scores = [LOWEST if one.score is None else one.score for one in judgements]
    return JudgedSet(
        eval_set=eval_set,
        answers=len(judgements),
        unread=sum(one.score is None for one in judgements),
        official_mean=mean_score(judgements),
        counted_mean=sum(scores) / len(scores) if scores else 0,
    )
