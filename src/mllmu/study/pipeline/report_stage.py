"""The stage that writes the report of a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from mllmu.progress import Progress
from mllmu.report import write_report
from mllmu.report.run_folder import RECIPE_FILE, REPORT_FILE, RESULTS_FILE, TABLES_FOLDER
from mllmu.study.pipeline.carry_out import Outcome
from mllmu.study.pipeline.results_table import share
from mllmu.study.pipeline.source_digest import source_digest
from mllmu.study.pipeline.stage_store import Made, Stage

REPORTING = "report"


def report_stage(run_folder: Path, outcome: Outcome) -> Stage:
    """Write the page and the tables into a run's folder, and keep a second name of each."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        paths = write_report(run_folder, outcome.benchmark)
        for path in (paths.page, *paths.tables):
            share(path, folder / path.relative_to(run_folder))
        return {}

    ingredients = {
        "results": sha256((run_folder / RESULTS_FILE).read_bytes()).hexdigest(),
        "records": [each.made.folder.name for each in outcome.judged],
        "recipe": (run_folder / RECIPE_FILE).read_text(encoding="utf-8"),
    }
    return Stage(REPORTING, "write the report", source_digest("mllmu.report", __name__), ingredients, make)


def publish_report(made: Made, run_folder: Path) -> None:
    """Put a report that was made before back into a run's folder, and tables of other recipes away.

    Raises:
        UserError: if it cannot be written.
    """
    shutil.rmtree(run_folder / TABLES_FOLDER, ignore_errors=True)
    for path in (made.folder / REPORT_FILE, *sorted((made.folder / TABLES_FOLDER).iterdir())):
        share(path, run_folder / path.relative_to(made.folder))
