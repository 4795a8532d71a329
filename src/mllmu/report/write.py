"""Writing a run's report: the page, and every table as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from rich.console import Group, RenderableType

from mllmu.benchmark.types import Benchmark
from mllmu.errors import UserError
from mllmu.files import atomic_file
from mllmu.report.numbers.comparisons import COLUMNS as PERSON_COLUMNS
from mllmu.report.numbers.result_columns import require_columns
from mllmu.report.numbers.scores import COLUMNS as RESULT_COLUMNS
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.page import render_page
from mllmu.report.provenance import read_provenance
from mllmu.report.run_folder import (
    DEPTH_FILE,
    PERSON_SCORES_FILE,
    RECORDS_FOLDER,
    RECOVERABILITY_FILE,
    REPORT_FILE,
    RESULTS_FILE,
    TABLES_FOLDER,
    TRAINING_LOG_FILE,
    TRAJECTORY_FILE,
)
from mllmu.report.tables.depth_grid import make_depth_grid
from mllmu.report.tables.formats.latex import to_latex
from mllmu.report.tables.formats.markdown import to_markdown
from mllmu.report.tables.formats.terminal import TerminalGrid
from mllmu.report.tables.grid import Grid
from mllmu.report.tables.paper_table import grids_of, make_grids, metric_grids_of
from mllmu.report.tables.recoverability_grid import make_recoverability_grid


@dataclass(frozen=True)
class ReportPaths:
    """Where a report lies.

    Attributes:
        page: the HTML page.
        tables: the Markdown and LaTeX files.
    """

    page: Path
    tables: tuple[Path, ...]


def write_report(run_folder: Path, benchmark: Benchmark) -> ReportPaths:
    """Write ``report.html`` and ``tables/`` from the results and records in a run's folder.

    Args:
        run_folder: holds ``results.parquet``; uses ``records/``, ``recipe.yaml``, ``stages/``,
            ``depth.parquet``, ``recoverability.parquet``, ``training_log.parquet`` and
            ``person_scores.parquet``, without which nothing is ranked, if there.
        benchmark: the people asked about.

    Raises:
        UserError: the results are missing or damaged, a records file is damaged, or a file cannot be written.

    Example:
        ::

            write_report(Path("runs/quick"), load_benchmark("people")).page
    """
    scores = Scores(
        read_results(run_folder),
        read_person_scores(run_folder),
        read_trajectories(run_folder),
        read_depth(run_folder),
        read_recoverability(run_folder),
    )
    page = run_folder / REPORT_FILE
    # All texts are made before the first is written: what fails here has changed nothing.
    provenance, records = read_provenance(run_folder), run_folder / RECORDS_FOLDER
    texts = {page: render_page(scores, benchmark, provenance, records, read_training_log(run_folder))}
    for grid in (*grids_of(scores), *metric_grids_of(scores)):
        for suffix, text in ((".md", to_markdown(grid)), (".tex", to_latex(grid))):
            texts[run_folder / TABLES_FOLDER / f"{grid.name}{suffix}"] = text
    for path, text in texts.items():
        _write(path, text)
    return ReportPaths(page, tuple(texts)[1:])


def read_results(run_folder: Path) -> pd.DataFrame:
    """Return the results frame of a run.

    Raises:
        UserError: it is missing or damaged, or lacks a column.

    Example:
        ::

            results = read_results(Path("runs/quick"))
    """
    path = run_folder / RESULTS_FILE
    if not path.is_file():
        raise UserError(f"There is no {RESULTS_FILE} in {run_folder}; expected the folder of a finished run.")
    results = _read(path)
    require_columns(results, RESULT_COLUMNS, f"The results in {path}")
    return results


def read_person_scores(run_folder: Path) -> pd.DataFrame | None:
    """Return the scores of a run person by person; None where there are none, as in folders of before.

    Raises:
        UserError: the file is damaged, or lacks a column.
    """
    path = run_folder / PERSON_SCORES_FILE
    person_scores = _read_if_there(path)
    if person_scores is not None:
        require_columns(person_scores, PERSON_COLUMNS, f"The scores of people in {path}")
    return person_scores


def read_trajectories(run_folder: Path) -> pd.DataFrame | None:
    """Return what models knew on their way; None where there are no trajectories.

    Raises:
        UserError: the file is damaged.
    """
    return _read_if_there(run_folder / TRAJECTORY_FILE)


def read_training_log(run_folder: Path) -> pd.DataFrame | None:
    """Return every optimizer step of a run's models; None where nothing was trained.

    Raises:
        UserError: the file is damaged.
    """
    return _read_if_there(run_folder / TRAINING_LOG_FILE)


def read_depth(run_folder: Path) -> pd.DataFrame | None:
    """Return how deep models forgot; None where ``mllmu depth`` was not asked.

    Raises:
        UserError: the file is damaged.
    """
    return _read_if_there(run_folder / DEPTH_FILE)


def depth_tables(run_folder: Path) -> RenderableType:
    """Return the tables of depth of a run for rich.

    Raises:
        UserError: the results or the depth are missing or damaged.
    """
    return _tables(Scores(read_results(run_folder), depth=read_depth(run_folder)), make_depth_grid)


def read_recoverability(run_folder: Path) -> pd.DataFrame | None:
    """Return what models answered to probes; None where ``mllmu recoverability`` was not asked.

    Raises:
        UserError: the file is damaged.
    """
    return _read_if_there(run_folder / RECOVERABILITY_FILE)


def recoverability_tables(run_folder: Path) -> RenderableType:
    """Return the tables of recoverability of a run for rich.

    Raises:
        UserError: the results or the recoverability are missing or damaged.
    """
    scores = Scores(read_results(run_folder), recoverability=read_recoverability(run_folder))
    return _tables(scores, make_recoverability_grid)


def _tables(scores: Scores, make_grid: Callable[[Scores, Condition, str], Grid]) -> RenderableType:
    grids = (
        make_grid(scores, condition, way)
        for condition in scores.conditions
        for way in scores.unlearn_modalities(condition)
    )
    return Group(*(TerminalGrid(grid) for grid in grids if grid.blocks))


def terminal_table(
    results: pd.DataFrame,
    person_scores: pd.DataFrame | None = None,
    trajectories: pd.DataFrame | None = None,
) -> RenderableType:
    """Return all tables of a run for rich; each takes as many columns as the terminal is wide.

    Args:
        results: as from `read_results`.
        person_scores: as from `read_person_scores`; nothing is ranked without.
        trajectories: as from `read_trajectories`.

    Raises:
        UserError: where a column is missing or there is no row.
    """
    return Group(*(TerminalGrid(grid) for grid in make_grids(results, person_scores, trajectories)))


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path} is damaged: expected a Parquet file ({error}).") from error


def _read_if_there(path: Path) -> pd.DataFrame | None:
    return _read(path) if path.is_file() else None


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
