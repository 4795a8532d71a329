"""What a worker does: make the stages it is sent, one after the other, until nobody sends any more."""

from __future__ import annotations

import logging
import pickle
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from mllmu.errors import UserError
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.execution.workers.end_with_parent import end_with_parent
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage
from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.training import Tracking

_SECONDS_BETWEEN_MESSAGES = 0.2


@dataclass(frozen=True)
class Workplan:
    """What every worker of a run knows from the start; it can be pickled.

    Attributes:
        recipe: of the run.
        stages: the folder of its stages, in which its people lie already.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        threads: how many a worker computes with.
        tracking: whom trainings tell of their steps besides; None for nobody.
    """

    recipe: Recipe
    stages: Path
    device: str
    threads: int
    tracking: Tracking | None = None


@dataclass(frozen=True)
class Advanced:
    """A worker's message: how many of its steps the stage has done."""

    done: int
    total: int


@dataclass(frozen=True)
class Failed:
    """A worker's message: the stage cannot be made.

    Attributes:
        error: why.
        trace: where, as Python prints it.
    """

    error: Exception
    trace: str


class Outbox:
    """Sends messages to the process that plans; threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def put_nowait(self, message: Any) -> None:
        """Send a message; named as the logging library calls it."""
        with self._lock:
            self._connection.send(message)


def work(connection: Connection, workplan: Workplan) -> None:
    """Make the stages that come through a connection, and send back what they gave.

    A stage comes as the planned stage without its needs, their results, and its key. What goes back is
    `Advanced` now and then, log records, and at last the stage's `Made` or `Failed`.

    Args:
        connection: to the process that plans.
        workplan: what the stages belong to.
    """
    # Whoever interrupts a run in a terminal interrupts all its processes; the one that plans ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    prepare_worker(workplan.threads)
    outbox = Outbox(connection)
    try:
        opened = open_workplan(workplan)
    except Exception as error:
        outbox.put_nowait(failure(error))
        return
    logging.getLogger().addHandler(QueueHandler(outbox))  # type: ignore[arg-type]  # nothing is taken out of it here
    store = Store(workplan.stages, workplan.tracking)
    while True:
        try:
            planned, needed, key = connection.recv()
        except EOFError:
            return
        outbox.put_nowait(_make(planned, needed, key, opened, store, outbox))


def _make(
    planned: PlannedStage,
    needed: Sequence[Made],
    key: str,
    opened: OpenedRecipe,
    store: Store,
    outbox: Outbox,
) -> Made | Failed:
    last = 0.0

    def advance(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total or now - last >= _SECONDS_BETWEEN_MESSAGES:
            last = now
            outbox.put_nowait(Advanced(done, total))

    try:
        stage = planned.stage(opened, needed)
        require_same(stage, key, "A worker", "source code that stays as it is while a run goes on")
        return store.make(stage, advance)
    except Exception as error:
        return failure(error)


def require_same(stage: Stage, key: str, who: str, expected: str) -> None:
    """Refuse to make a stage that is not the one of which the process that plans knows the key.

    Args:
        stage: what would be made.
        key: of what was asked for.
        who: would make it.
        expected: what makes the keys equal.

    Raises:
        UserError: it is another one.
    """
    if stage.hash != key:
        raise UserError(
            f"{who} would make something else of {stage.title!r} than what was asked for; expected {expected}"
        )


def open_workplan(workplan: Workplan) -> OpenedRecipe:
    """The run's recipe with its people, who are made already."""
    executor = Executor(Store(workplan.stages), Display())
    benchmark = open_benchmark(workplan.recipe.benchmark, workplan.recipe.synthetic, executor.do)
    opened = OpenedRecipe(workplan.recipe, benchmark, workplan.device)
    _ = opened.splits  # what there is to say of them the process that plans has said
    return opened


def prepare_worker(threads: int) -> None:
    """Compute with so many threads, and say nothing but by the log."""
    torch.set_num_threads(threads)
    warnings.filterwarnings("ignore")
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    logging.getLogger().addHandler(logging.NullHandler())


def failure(error: Exception) -> Failed:
    """What is wrong, so that it can be sent; to be called where it was caught."""
    trace = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error))  # our own, and only to see whether it would arrive
    except Exception:
        is_users = isinstance(error, UserError)  # whose sentence would do without its kind
        error = UserError(str(error)) if is_users else RuntimeError(f"{type(error).__name__}: {error}")
    return Failed(error, trace)
