"""What a task on a cluster does: make one stage, told by recipe and keys, and say what became of it."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from logging.handlers import QueueHandler
from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.study.pipeline.execution.stage_store import Made, Store
from mllmu.study.pipeline.execution.workers.worker_process import (
    Failed,
    Workplan,
    failure,
    open_workplan,
    prepare_worker,
    require_same,
)
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage
from mllmu.study.recipe.recipe_settings import load_recipe
from mllmu.training import Tracking

_THREADS = 1
_SECONDS_UNTIL_SEEN = 60.0


@dataclass(frozen=True)
class StageTask:
    """One stage to make; small, whatever the stage is made of.

    Attributes:
        recipe: the recipe file of the run, which the maker has to see.
        stages: the folder of the run's stages, in which lies what is needed.
        device: ``auto``, ``cpu`` or ``cuda``.
        planned: the stage, without its needs.
        needed: keys of the results that it takes.
        key: its own.
        tracking: whom trainings tell of their steps besides; None for nobody.
    """

    recipe: Path
    stages: Path
    device: str
    planned: PlannedStage
    needed: tuple[str, ...]
    key: str
    tracking: Tracking | None = None


@dataclass(frozen=True)
class TaskReport:
    """What became of a task.

    Attributes:
        outcome: the stage's result, or why there is none.
        messages: what was logged meanwhile.
    """

    outcome: Made | Failed
    messages: Sequence[logging.LogRecord]


class _Notes(list[Any]):
    """Keeps log records in their order."""

    def put_nowait(self, record: Any) -> None:
        """Keep one; named as the logging library calls it."""
        self.append(record)


def do_task(task: StageTask) -> TaskReport:
    """Make a stage, unless it lies in the store meanwhile."""
    notes = _Notes()
    handler = QueueHandler(notes)  # type: ignore[arg-type]  # nothing is taken out of it here
    logging.getLogger().addHandler(handler)
    try:
        return TaskReport(_outcome(task), notes)
    finally:
        logging.getLogger().removeHandler(handler)


def sees(file: Path, content: str) -> bool:
    """Whether a file that another machine wrote can be read here."""
    try:
        return file.read_text(encoding="utf-8") == content
    except OSError:
        return False


def not_shared(host: str, folder: Path) -> UserError:
    """What to say of a machine that sees another folder, or none."""
    return UserError(f"{host} cannot see {folder}; expected a folder that all machines of the cluster share")


def _outcome(task: StageTask) -> Made | Failed:
    host = socket.gethostname()
    try:
        if not task.recipe.is_file():
            raise not_shared(host, task.recipe.parent)
        store = Store(task.stages, task.tracking)
        needed = [_look_up(key, store, host) for key in task.needed]
        stage = task.planned.stage(_opened(task.recipe, task.stages, task.device), needed)
        require_same(
            stage,
            task.key,
            host,
            "the version of mllmu, of Python and the kind of device that the run was started with",
        )
        return store.find(stage) or store.make(stage, lambda done, total: None)
    except Exception as error:
        return failure(error)


def _look_up(key: str, store: Store, host: str) -> Made:
    """A result that another machine may just have put away: network file systems show it after a while."""
    until = time.monotonic() + _SECONDS_UNTIL_SEEN
    while (made := store.look_up(key)) is None:
        if time.monotonic() > until:
            raise not_shared(host, store.folder / key)
        time.sleep(1)
        os.listdir(store.folder)  # which has NFS ask the server anew
    return made


@cache
def _opened(recipe: Path, stages: Path, device: str) -> OpenedRecipe:
    """The run's recipe with its people, once for all tasks of a process."""
    prepare_worker(_THREADS)
    return open_workplan(Workplan(load_recipe(recipe), stages, device, _THREADS))
