"""Opening a finished run, to measure its models further."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mllmu.report.run_folder import STAGES_FOLDER
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.folder_lock import locked
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe


@contextmanager
def opened_run(
    folder: Path, recipe: Recipe, device: str, display: Display | None = None
) -> Iterator[tuple[OpenedRecipe, Executor]]:
    """Lock the folder of a finished run, and open its people.

    Args:
        folder: the run's.
        recipe: what it was run with, see `finished_recipe`.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; that of the run.
        display: whom to tell how far it is; nobody by default.

    Yields:
        The recipe, and what makes further stages in the run's store.

    Raises:
        UserError: the people cannot be opened, or something else works in the folder.
    """
    with locked(folder), display or Display() as shown:
        executor = Executor(Store(folder / STAGES_FOLDER), shown)
        executor.expect(int(recipe.benchmark == SYNTHETIC))
        benchmark = open_benchmark(recipe.benchmark, recipe.synthetic, executor.do)
        yield OpenedRecipe(recipe, benchmark, device), executor
