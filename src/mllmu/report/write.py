"""Writing a run's report: the page, and every table as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Group, RenderableType

from mllmu.benchmark.types import Benchmark
from mllmu.files import atomic_file
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.page import render_page
from mllmu.report.provenance import read_provenance
from mllmu.report.run_folder import RECORDS_FOLDER, REPORT_FILE, TABLES_FOLDER
from mllmu.report.run_tables import (
    read_depth,
    read_person_scores,
    read_recoverability,
    read_results,
    read_training_log,
    read_trajectories,
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


def depth_tables(run_folder: Path) -> RenderableType:
    """Return the tables of depth of a run for rich.

    Raises:
        UserError: the results or the depth are missing or damaged.
    """
    return _tables(Scores(read_results(run_folder), depth=read_depth(run_folder)), make_depth_grid)


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


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
