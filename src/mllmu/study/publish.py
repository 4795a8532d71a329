"""The report of a run, made once for the same results."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from mllmu.report import write_report
from mllmu.study.experiment import Outcome
from mllmu.study.results import RESULTS_FILE, share
from mllmu.study.store import Made, Stage
from mllmu.training import Progress

REPORT_VERSION = 1
REPORT_FILE = "report.html"
TABLES_FOLDER = "tables"


def report_stage(run_folder: Path, outcome: Outcome) -> Stage:
    """Write the page and the tables from what lies in a run's folder."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        write_report(run_folder, folder, outcome.benchmark)
        return {}

    ingredients = {
        "results": sha256((run_folder / RESULTS_FILE).read_bytes()).hexdigest(),
        "records": [each.made.folder.name for each in outcome.judged],
        "recipe": (run_folder / "recipe.yaml").read_text(encoding="utf-8"),
    }
    return Stage("report", "write the report", REPORT_VERSION, ingredients, make)


def publish_report(made: Made, run_folder: Path) -> None:
    """Show a report in the run's folder under its usual names.

    Raises:
        UserError: if it cannot be written.
    """
    shutil.rmtree(run_folder / TABLES_FOLDER, ignore_errors=True)
    names = [REPORT_FILE, *sorted(str(path.relative_to(made.folder)) for path in made.folder.glob(f"{TABLES_FOLDER}/*"))]
    for name in names:
        share(made.folder / name, run_folder / name)
