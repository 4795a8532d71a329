"""The stage that writes the report of a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from mllmu.progress import Progress
from mllmu.report import comparison_table, read_person_scores, write_report
from mllmu.report.run_folder import (
    COMPARISONS_FILE,
    DEPTH_FILE,
    PERSON_SCORES_FILE,
    RECIPE_FILE,
    RECOVERABILITY_FILE,
    REPORT_FILE,
    RESULTS_FILE,
    TABLES_FOLDER,
    TRAINING_LOG_FILE,
    TRAJECTORY_FILE,
)
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.carry_out import Outcome
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace, manifests_of
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.pipeline.tables.results_table import share

REPORTING = "report"


def report_stage(run_folder: Path, outcome: Outcome) -> Stage:
    """Write page, tables and comparisons into a run's folder, and keep a second name of each."""

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        paths = write_report(run_folder, outcome.benchmark)
        write_comparisons(run_folder)
        for path in (paths.page, run_folder / COMPARISONS_FILE, *paths.tables):
            share(path, workplace.folder / path.relative_to(run_folder))
        return {}

    ingredients = {
        "benchmark": [outcome.benchmark.name, outcome.benchmark.celebrities_are_fictitious],
        "stages": _stages(run_folder),
        "results": _digest_of(run_folder / RESULTS_FILE),
        "person_scores": _digest_of(run_folder / PERSON_SCORES_FILE),
        "trajectories": _digest_of(run_folder / TRAJECTORY_FILE),
        "training_logs": _digest_of(run_folder / TRAINING_LOG_FILE),
        "depth": _digest_of(run_folder / DEPTH_FILE),
        "recoverability": _digest_of(run_folder / RECOVERABILITY_FILE),
        "records": [each.made.folder.name for each in outcome.judged],
        "recipe": (run_folder / RECIPE_FILE).read_text(encoding="utf-8"),
    }
    # Of evaluation it takes measures, titles and directions, of unlearning titles and lineages.
    code = source_digest("mllmu.report", "mllmu.evaluation", "mllmu.unlearning", __name__)
    return Stage(REPORTING, "write the report", code, ingredients, make)


def _stages(run_folder: Path) -> list[str]:
    """The stages whose times, memory and versions the page tells; its own is not among them."""
    manifests = manifests_of(run_folder)
    return sorted(str(each.get("hash")) for each in manifests if each.get("kind") != REPORTING)


def _digest_of(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def write_comparisons(folder: Path) -> None:
    """Put ``comparisons.parquet`` beside a run's scores of people; nothing happens where there are none.

    Raises:
        UserError: if the scores are damaged, or the file cannot be written.
    """
    person_scores = read_person_scores(folder)
    if person_scores is not None:
        write_table(comparison_table(person_scores), folder / COMPARISONS_FILE)


def publish_report(made: Made, run_folder: Path) -> None:
    """Put a report that was made before back into a run's folder, and tables of other recipes away.

    Raises:
        UserError: if it cannot be written.
    """
    shutil.rmtree(run_folder / TABLES_FOLDER, ignore_errors=True)
    for path in (
        made.folder / REPORT_FILE,
        made.folder / COMPARISONS_FILE,
        *sorted((made.folder / TABLES_FOLDER).iterdir()),
    ):
        share(path, run_folder / path.relative_to(made.folder))
