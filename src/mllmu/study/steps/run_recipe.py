"""``mllmu run``: an experiment in a folder, from recipe to report."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import torch

from mllmu.errors import UserError
from mllmu.files import atomic_file, sweep
from mllmu.models import device_of
from mllmu.processes import from_main, is_main_process, join_processes, process_count
from mllmu.report.run_folder import (
    MADE_FILES,
    RECIPE_FILE,
    RECORDS_FOLDER,
    REPORT_FILE,
    RESULTS_FILE,
    STAGES_FOLDER,
    TABLES_FOLDER,
    TENSORBOARD_FOLDER,
)
from mllmu.study.finished_run.made_models import drop_stale
from mllmu.study.pipeline.carry_out import carry_out
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.folder_lock import joined, locked
from mllmu.study.pipeline.execution.joint_executor import JointExecutor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.execution.workers.ray_executor import RayExecutor, check_cluster, connected
from mllmu.study.pipeline.execution.workers.worker_memory import check_memory
from mllmu.study.pipeline.execution.workers.worker_pool import WorkerPool
from mllmu.study.pipeline.execution.workers.worker_process import Workplan
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.output_folders import require_run_folder
from mllmu.study.pipeline.recipe_check import check_recipe
from mllmu.study.pipeline.stages.report_stage import publish_report, report_stage
from mllmu.study.pipeline.tables.results_table import gather_person_scores, gather_results, write_results
from mllmu.study.pipeline.tables.training_log_table import write_training_logs
from mllmu.study.pipeline.tables.trajectory_table import write_trajectories
from mllmu.study.recipe.recipe_settings import Recipe, dump_recipe
from mllmu.training import Tracking, require_trackers

_LOG = logging.getLogger(__name__)


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


def run(
    recipe: Recipe,
    out: str | Path,
    device: str = "auto",
    display: Display | None = None,
    workers: int = 1,
    log_to: Sequence[str] = (),
    cluster: str | None = None,
) -> FinishedRun:
    """Carry a recipe out in a folder; what lies there finished already is not done again.

    Processes that were started together (torchrun) share the work; the first of them writes. Others that run
    the same recipe in the same folder, also on other machines, each make what nobody else makes.

    Args:
        recipe: what to do.
        out: the run's folder; new, or one of an earlier run.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        display: whom to tell how far it is; nobody by default.
        workers: how many stages are made at the same time, each by a process of its own, which shares the
            threads with the others. A script that asks for more than one needs ``if __name__ == "__main__"``.
        log_to: trackers that trainings tell of their steps: ``tensorboard``, ``wandb``, ``trackio``.
        cluster: address of a Ray cluster (``auto``, ``HOST:PORT``, ``ray://HOST:PORT``) that makes the stages
            instead, one with each core or GPU; its machines share the run's folder.

    Raises:
        UserError: if the recipe's benchmark, model or settings are at fault, another recipe is run in the
            folder, or it holds files of other things, there is no memory for so many workers, processes
            cannot share the work, there is no such cluster or it cannot see the folder, a tracker's package
            is not installed, or the disk is full.

    Example:
        ::

            finished = run(make_recipe("quick"), "runs/quick")
            finished.results.query("metric == 'cloze_contains'")
    """
    if workers > 1 and process_count() > 1:
        raise UserError(
            f"{workers} workers were asked for in each of {process_count()} processes that were started "
            "together; expected workers in one process, or processes without workers."
        )
    require_trackers(log_to)
    if cluster is not None:
        check_cluster(workers, device)
    folder = Path(out)
    require_run_folder(folder)
    checked = check_recipe(recipe, device, workers if cluster is None else 1)
    join_processes(device_of(device))
    if workers > 1:
        check_memory(workers, folder, recipe.model)
    if not is_main_process():
        carry_out(recipe, JointExecutor(Store(folder / STAGES_FOLDER), Display()), device, checked)
    tracking = Tracking(tuple(log_to), folder / TENSORBOARD_FOLDER) if log_to else None
    lead = partial(_lead, recipe, folder, device, display or Display(), workers, cluster, checked, tracking)
    return FinishedRun(folder, from_main(lead))


def _lead(
    recipe: Recipe,
    folder: Path,
    device: str,
    display: Display,
    workers: int,
    cluster: str | None,
    checked: OpenedRecipe | None,
    tracking: Tracking | None,
) -> pd.DataFrame:
    """Carry a recipe out in a folder, beside others who do the same; one at a time writes results."""
    store, text = Store(folder / STAGES_FOLDER, tracking), dump_recipe(recipe).encode()
    with ExitStack() as stack:
        if cluster is not None:  # before anything is written, and an earlier run's results are taken away
            stack.enter_context(connected(cluster))
        with locked(folder, waits=True):
            stack.enter_context(joined(folder, text))
            require_run_folder(folder)
            (folder / STAGES_FOLDER).mkdir(exist_ok=True)  # from here on the folder is a run's
            store.sweep()
            _sweep(folder)
            _note(text, folder)
        shown = stack.enter_context(display)
        alone = executor = Executor(store, shown)
        if process_count() > 1:
            executor = JointExecutor(store, shown)
        elif workers > 1:
            threads = max(1, torch.get_num_threads() // workers)
            workplan = Workplan(recipe, store.folder, device, threads, tracking)
            executor = stack.enter_context(WorkerPool(store, shown, workplan, workers))
        elif cluster is not None:
            on_gpu = device_of(device).type == "cuda"
            executor = stack.enter_context(
                RayExecutor(store, shown, folder / RECIPE_FILE, device, on_gpu, tracking)
            )
        executor.expect(1)
        outcome = carry_out(recipe, executor, device, checked)
        with locked(folder, waits=True):
            _require_own_recipe(text, folder)
            whose = outcome.judged, recipe.protocol, outcome.benchmark.fingerprint
            results = gather_results(*whose)
            write_results(results, gather_person_scores(*whose), outcome.judged, folder)
            write_trajectories(outcome.judged, outcome.opened.trajectory_items, *whose[1:], folder)
            write_training_logs(outcome.judged, folder)
            drop_stale(outcome.judged, folder)
            publish_report(alone.do(report_stage(folder, outcome)), folder)
            store.tidy()
    return results


def _require_own_recipe(text: bytes, folder: Path) -> None:
    """Refuse to write results beside another recipe, whose run took the folder over meanwhile.

    A process that is held up for long, as by Ctrl-Z, lets go of what it holds without knowing it.

    Raises:
        UserError: if the folder is another recipe's by now.
    """
    file = folder / RECIPE_FILE
    if not file.is_file() or file.read_bytes() != text:
        raise UserError(
            f"while this run was held up, a run of another recipe took {folder} over; nothing was written. "
            "The stages are kept there; expected to be run again, once the other one is done, or in another "
            "folder"
        )


def _sweep(folder: Path) -> None:
    """Remove what a killed run left unfinished beside its stages."""
    # By name: a command may be making something of its own in this folder.
    for file in (RECIPE_FILE, *MADE_FILES):
        sweep(folder, file)
    for files in (RECORDS_FOLDER, TABLES_FOLDER):
        sweep(folder / files)


def _note(text: bytes, folder: Path) -> None:
    """Write down what the folder is for; what another recipe gave is taken away, its stages are kept."""
    file = folder / RECIPE_FILE
    if file.is_file() and file.read_bytes() != text:
        if any((folder / made).exists() for made in MADE_FILES):
            _LOG.warning(
                "%s holds results of another recipe, in whose place those of this one come; stages stay. "
                "Another --out keeps both.",
                folder,
            )
        # Should this run end early, nobody may take the old answers for those of the new recipe.
        for stale in MADE_FILES:
            (folder / stale).unlink(missing_ok=True)
        for stale in (RECORDS_FOLDER, TABLES_FOLDER):
            shutil.rmtree(folder / stale, ignore_errors=True)
    with atomic_file(file) as unfinished:
        unfinished.write_bytes(text)
