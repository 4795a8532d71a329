"""Writing an experiment out: the tidy table, the records, the report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mllmu.files import atomic_file
from mllmu.study.experiment import Judged
from mllmu.study.frames import write_table
from mllmu.study.stages import RECORDS_FILE, SCORES_FILE

RESULTS_FILE = "results.parquet"
RECORDS_FOLDER = "records"

_KEYS = ["model", "method", "unlearn_modality", "forget_ratio", "seed", "protocol"]
_CELL = ["eval_set", "modality", "task", "metric"]
_VALUES = ["value", "ci_low", "ci_high", "n"]


def gather_results(judged: Sequence[Judged], protocol: str) -> pd.DataFrame:
    """All scores in one tidy table, sorted by what they are of."""
    parts = [
        pd.read_parquet(each.made.folder / SCORES_FILE).assign(
            **each.subject.columns(each.forget_ratio, protocol)
        )
        for each in judged
    ]
    table = pd.concat(parts, ignore_index=True)[_KEYS + _CELL + _VALUES]
    return table.sort_values(_KEYS + _CELL, kind="stable", ignore_index=True)


def write_results(results: pd.DataFrame, judged: Sequence[Judged], out: Path) -> None:
    """Put ``results.parquet`` and ``records/`` into a run's folder.

    Raises:
        UserError: if they cannot be written.
    """
    write_table(results, out / RESULTS_FILE)
    records = out / RECORDS_FOLDER
    wanted = {f"{each.subject.file_name(each.forget_ratio)}.parquet": each.made.folder for each in judged}
    for stale in records.glob("*.parquet"):
        if stale.name not in wanted:
            stale.unlink()
    for name, folder in wanted.items():
        with atomic_file(records / name) as unfinished:
            _share(folder / RECORDS_FILE, unfinished)


def _share(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no hard links."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
