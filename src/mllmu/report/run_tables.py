"""Reading the tables in a run's folder, each with the columns that the report needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mllmu.errors import UserError
from mllmu.report.figures.training_figure import COLUMNS as TRAINING_LOG_COLUMNS
from mllmu.report.numbers.comparisons import COLUMNS as PERSON_COLUMNS
from mllmu.report.numbers.depths import COLUMNS as DEPTH_COLUMNS
from mllmu.report.numbers.recoveries import COLUMNS as RECOVERABILITY_COLUMNS
from mllmu.report.numbers.result_columns import require_columns
from mllmu.report.numbers.scores import COLUMNS as RESULT_COLUMNS
from mllmu.report.numbers.trajectories import COLUMNS as TRAJECTORY_COLUMNS
from mllmu.report.run_folder import (
    DEPTH_FILE,
    PERSON_SCORES_FILE,
    RECOVERABILITY_FILE,
    RESULTS_FILE,
    TRAINING_LOG_FILE,
    TRAJECTORY_FILE,
)


def read_results(run_folder: Path) -> pd.DataFrame:
    """Return the results frame of a run.

    Raises:
        UserError: it is missing or damaged, or lacks a column.

    Example:
        ::

            results = read_results(Path("runs/quick"))
    """
    results = _read_if_there(run_folder / RESULTS_FILE, RESULT_COLUMNS, "The results")
    if results is None:
        raise UserError(f"There is no {RESULTS_FILE} in {run_folder}; expected the folder of a finished run.")
    return results


def read_person_scores(run_folder: Path) -> pd.DataFrame | None:
    """Return the scores of a run person by person; None where there are none, as in folders of before.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    return _read_if_there(run_folder / PERSON_SCORES_FILE, PERSON_COLUMNS, "The scores of people")


def read_trajectories(run_folder: Path) -> pd.DataFrame | None:
    """Return what models knew on their way; None where there are no trajectories.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    return _read_if_there(run_folder / TRAJECTORY_FILE, TRAJECTORY_COLUMNS, "The trajectories")


def read_training_log(run_folder: Path) -> pd.DataFrame | None:
    """Return every optimizer step of a run's models; None where nothing was trained.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    return _read_if_there(run_folder / TRAINING_LOG_FILE, TRAINING_LOG_COLUMNS, "The steps of training")


def read_depth(run_folder: Path) -> pd.DataFrame | None:
    """Return how deep models forgot; None where ``mllmu depth`` was not asked.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    return _read_if_there(run_folder / DEPTH_FILE, DEPTH_COLUMNS, "The scores of depth")


def read_recoverability(run_folder: Path) -> pd.DataFrame | None:
    """Return what models answered to probes; None where ``mllmu recoverability`` was not asked.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    return _read_if_there(run_folder / RECOVERABILITY_FILE, RECOVERABILITY_COLUMNS, "The answers to probes")


def _read_if_there(path: Path, columns: Sequence[str], table: str) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    try:
        frame = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path} is damaged: expected a Parquet file ({error}).") from error
    require_columns(frame, columns, f"{table} in {path}")
    return frame
