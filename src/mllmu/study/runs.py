"""``mllmu run``: an experiment in a folder, from recipe to report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mllmu.errors import UserError
from mllmu.files import atomic_file
from mllmu.report.run_folder import RECIPE_FILE, REPORT_FILE, RESULTS_FILE
from mllmu.study.display import Display
from mllmu.study.executor import Executor
from mllmu.study.experiment import carry_out
from mllmu.study.lock import locked
from mllmu.study.publish import publish_report, report_stage
from mllmu.study.recipe import Recipe, dump_recipe
from mllmu.study.results import gather_results, write_results
from mllmu.study.store import Store


@dataclass(frozen=True)
class FinishedRun:
    """What a run left in its folder.

    Attributes:
        folder: the run's folder.
        results: the tidy table of ``results.parquet``.
    """

    folder: Path
    results: pd.DataFrame

    @property
    def results_file(self) -> Path:
        """The tidy table on disk."""
        return self.folder / RESULTS_FILE

    @property
    def report_file(self) -> Path:
        """The page to open."""
        return self.folder / REPORT_FILE


def run(recipe: Recipe, out: str | Path, device: str = "auto", display: Display | None = None) -> FinishedRun:
    """Carry a recipe out in a folder; what lies there finished already is not done again.

    Args:
        recipe: what to do.
        out: the run's folder; new, or one of an earlier run.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        display: whom to tell how far it is; nobody by default.

    Raises:
        UserError: if the recipe's benchmark, model or settings are at fault, another run works in the folder,
            or the disk is full.
    """
    folder = Path(out)
    _make_folder(folder)
    with locked(folder):
        with atomic_file(folder / RECIPE_FILE) as unfinished:
            unfinished.write_text(dump_recipe(recipe), encoding="utf-8")
        store = Store(folder / "stages")
        store.sweep()
        with display or Display() as shown:
            executor = Executor(store, shown)
            executor.expect(1)
            outcome = carry_out(recipe, executor, device)
            results = gather_results(outcome.judged, recipe.protocol)
            write_results(results, outcome.judged, folder)
            publish_report(executor.do(report_stage(folder, outcome)), folder)
    return FinishedRun(folder, results)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"the run's folder {folder} cannot be made: {error.strerror}") from None
