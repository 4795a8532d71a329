"""The table of results: gathered from stages, joined over folders, and written out with the records."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation.scoring.comparison import QUESTIONS
from mllmu.evaluation.scoring.score import CELL
from mllmu.files import atomic_file
from mllmu.report.run_folder import PERSON_SCORES_FILE, RECORDS_FOLDER, RESULTS_FILE, records_name
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.stages.asking_stages import RECORDS_FILE, SCORES_FILE
from mllmu.study.pipeline.tables.parquet_table import write_table

KEYS = [
    "model",
    "method",
    "unlearn_modality",
    "forget_ratio",
    "seed",
    "protocol",
    "further_steps",
    "benchmark",
]
_VALUES = ["value", "ci_low", "ci_high", "n", "n_people", "missing"]
_PERSON = ["profile_id"]
_PERSON_VALUES = ["value", "n", QUESTIONS]


def label_scores(scores: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """One model's scores with the columns that tell them from other models'."""
    return scores.assign(**columns)[KEYS + CELL + _VALUES]


def label_person_scores(scores: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """One model's scores person by person, with the columns that tell them from other models'."""
    return scores.assign(**columns)[KEYS + CELL + _PERSON + _PERSON_VALUES]


def gather_results(judged: Sequence[Judged], protocol: str, benchmark: str) -> pd.DataFrame:
    """All scores in one tidy table, sorted by what they are of.

    Args:
        judged: the models.
        protocol: how they were asked.
        benchmark: fingerprint of the people they were asked about.
    """
    parts = [
        label_scores(pd.read_parquet(each.made.folder / SCORES_FILE), columns)
        for each, columns in _labelled(judged, protocol, benchmark)
    ]
    return sort_results(pd.concat(parts, ignore_index=True))


def gather_person_scores(judged: Sequence[Judged], protocol: str, benchmark: str) -> pd.DataFrame:
    """All scores person by person, sorted; from them the report compares models. Arguments as above."""
    parts = [
        label_person_scores(pd.read_parquet(each.made.folder / PERSON_SCORES_FILE), columns)
        for each, columns in _labelled(judged, protocol, benchmark)
    ]
    return sort_person_scores(pd.concat(parts, ignore_index=True))


def sort_person_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The same rows in the one order that ``person_scores.parquet`` has."""
    return scores.sort_values(KEYS + CELL + _PERSON, kind="stable", ignore_index=True)


def sort_results(results: pd.DataFrame) -> pd.DataFrame:
    """The same rows in the one order that ``results.parquet`` has."""
    return results.sort_values(KEYS + CELL, kind="stable", ignore_index=True)


def join_results(folders: Sequence[Path], results: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The results of several folders in one table.

    Raises:
        UserError: if two folders hold scores of the same model, which a table would take for two seeds, or
            scores on different benchmarks, which no table can compare.
    """
    owners: dict[tuple[Any, ...], Path] = {}
    for folder, rows in zip(folders, results, strict=True):
        if set(rows["benchmark"]) != set(results[0]["benchmark"]):
            raise UserError(
                f"{folders[0]} and {folder} were evaluated on different benchmarks; expected the same "
                "people, or a report for each"
            )
        for model in rows[KEYS].drop_duplicates().itertuples(index=False, name=None):
            first = owners.setdefault(model, folder)
            if first is not folder:
                columns = ", ".join(
                    f"{key} {value}"
                    for key, value in zip(KEYS, model, strict=True)
                    if value != "" and key != "benchmark"
                )
                raise UserError(
                    f"{first} and {folder} both hold scores of {columns}; a report can show only one"
                )
    return sort_results(pd.concat(results, ignore_index=True))


def write_results(
    results: pd.DataFrame, person_scores: pd.DataFrame, judged: Sequence[Judged], out: Path
) -> None:
    """Put ``results.parquet``, ``person_scores.parquet`` and ``records/`` into a run's folder.

    Raises:
        UserError: if they cannot be written.
    """
    write_table(results, out / RESULTS_FILE)
    write_table(person_scores, out / PERSON_SCORES_FILE)
    records = out / RECORDS_FOLDER
    wanted = {
        records_name(each.lineage.file_stem(each.forget_ratio, each.seed)): each.made.folder
        for each in judged
    }
    for stale in records.glob("*.parquet"):
        if stale.name not in wanted:
            stale.unlink()
    for name, folder in wanted.items():
        share(folder / RECORDS_FILE, records / name)


def _labelled(
    judged: Sequence[Judged], protocol: str, benchmark: str
) -> Iterator[tuple[Judged, dict[str, Any]]]:
    """Each model with the columns that tell it from others."""
    return ((each, labels(each, protocol, benchmark)) for each in judged)


def labels(judged: Judged, protocol: str, benchmark: str) -> dict[str, Any]:
    """The columns that tell a model from others."""
    study = {"forget_ratio": judged.forget_ratio, "seed": judged.seed, "protocol": protocol}
    return {**judged.lineage.columns, **study, "benchmark": benchmark}


def only_records(folder: Path) -> Path:
    """The one records file of a single evaluation.

    Raises:
        UserError: the folder holds none or several.
    """
    files = sorted((folder / RECORDS_FOLDER).glob("*.parquet"))
    if len(files) != 1:
        raise UserError(
            f"{folder} holds {len(files)} records files; expected what mllmu evaluate wrote, which has one"
        )
    return files[0]


def share(source: Path, target: Path) -> None:
    """Give a stage's file a second name, or copy it where the file system has no hard links.

    Raises:
        UserError: if it cannot be written.
    """
    # Moving one name of a file onto another of its names does nothing, and would leave the first behind.
    if target.exists() and target.samefile(source):
        return
    with atomic_file(target) as unfinished:
        unfinished.unlink()
        try:
            os.link(source, unfinished)
        except OSError:
            shutil.copyfile(source, unfinished)
