"""Putting a judge's scores, once they are in an evaluation's records, into its results."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mllmu.evaluation import question_values, write_records
from mllmu.evaluation.scoring.comparison import person_scores_of_values
from mllmu.evaluation.scoring.score import score_values
from mllmu.report.run_folder import PERSON_SCORES_FILE, RESULTS_FILE
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.pipeline.tables.results_table import (
    KEYS,
    label_person_scores,
    label_scores,
    only_records,
    sort_results,
)

JUDGE_METRICS = ("factuality", "factuality_counted", "factuality_unread")


def write_judged(folder: Path, records: pd.DataFrame, results: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Replace an evaluation's records, and its scores of what a judge said.

    Args:
        folder: what ``mllmu evaluate`` wrote.
        records: its records with the judge's scores.
        results: its results so far.
        seed: of the bootstrap behind the intervals.

    Returns:
        The scores of what the judge said, per set, modality and view.

    Raises:
        UserError: a file cannot be written.
    """
    values = question_values(records)
    scores = score_values(values, sorted(set(records["protocol"])), seed)
    scores_of_judge = scores[scores["metric"].isin(JUDGE_METRICS)]
    labels = {name: results[name].iloc[0] for name in KEYS}
    others = results[~results["metric"].isin(JUDGE_METRICS)]
    labelled = label_scores(scores_of_judge, labels)
    write_records(records, only_records(folder))
    write_table(sort_results(pd.concat([others, labelled], ignore_index=True)), folder / RESULTS_FILE)
    write_table(label_person_scores(person_scores_of_values(values), labels), folder / PERSON_SCORES_FILE)
    return labelled
