"""Making the stages of a run in several processes at once."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType

from typing_extensions import Self, override

from mllmu.errors import UserError
from mllmu.study.pipeline.executor import Executor
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_display import Display
from mllmu.study.pipeline.run_plan import PlannedStage, in_order
from mllmu.study.pipeline.stage_store import Made, Stage, Store
from mllmu.study.pipeline.workers.worker_process import Advanced, Failed, Workplan, work

_LOG = logging.getLogger(__name__)
_TRIES = 2


@dataclass
class _Worker:
    """A process, and the planned stage that it makes now, with its hash."""

    process: SpawnProcess
    connection: Connection
    stage: PlannedStage | None = None
    hash: str = ""


class WorkerPool(Executor):
    """Makes stages in several processes, each as soon as what it needs is made; a context manager.

    A worker that is killed is replaced, and its stage made again, once.

    Args:
        store: where results are looked up and put.
        display: whom to tell.
        workplan: what every worker has to know.
        workers: how many there are.
    """

    def __init__(self, store: Store, display: Display, workplan: Workplan, workers: int) -> None:
        super().__init__(store, display)
        self._workplan = workplan
        self._most = workers
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    @override
    def do_all(
        self, planned: Iterable[PlannedStage], opened: OpenedRecipe, results: dict[PlannedStage, Made]
    ) -> None:
        """See `Executor.do_all`.

        Raises:
            UserError: also if a stage's worker was killed twice.
        """
        waiting: dict[PlannedStage, Stage | None] = dict.fromkeys(
            stage for stage in in_order(planned) if stage not in results
        )
        killed: dict[PlannedStage, int] = {}
        while waiting or any(worker.stage for worker in self._workers):
            self._hand_out(waiting, opened, results)
            busy = {worker.connection: worker for worker in self._workers if worker.stage}
            for connection in wait(list(busy)) if busy else []:
                self._hear(busy[connection], waiting, results, killed)  # type: ignore[index]

    def _hand_out(
        self,
        waiting: dict[PlannedStage, Stage | None],
        opened: OpenedRecipe,
        results: dict[PlannedStage, Made],
    ) -> None:
        """Give stages whose needs are made to idle workers; take out those that are done already."""
        for planned in list(waiting):
            if not all(one in results for one in planned.needs):
                continue
            needed = [results[one] for one in planned.needs]
            # Telling a stage from others takes a while, for it is told by all that it asks.
            stage = waiting[planned] = waiting[planned] or planned.stage(opened, needed)
            done = self._find(stage)
            if done is not None:
                results[planned] = done
                del waiting[planned]
            elif not any(worker.hash == stage.hash for worker in self._workers if worker.stage):
                # Another with this hash would be the same under another title: it is found done later.
                worker = self._idle()
                if worker is not None and self._send(worker, (replace(planned, needs=()), needed)):
                    del waiting[planned]
                    worker.stage, worker.hash = planned, stage.hash
                    self._display.begin(planned.title)

    def _send(self, worker: _Worker, task: object) -> bool:
        """Whether an idle worker could be told what to do; it is let go of if not."""
        try:
            worker.connection.send(task)
        except OSError:
            self._remove(worker)
            return False
        return True

    def _idle(self) -> _Worker | None:
        """A worker that has nothing to do, which may be a new one; None if all are busy."""
        for worker in self._workers:
            if worker.stage is None:
                return worker
        if len(self._workers) == self._most:
            return None
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self._workplan), daemon=True)
        process.start()
        theirs.close()  # so that the end of the process is the end of the connection
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _hear(
        self,
        worker: _Worker,
        waiting: dict[PlannedStage, Stage | None],
        results: dict[PlannedStage, Made],
        killed: dict[PlannedStage, int],
    ) -> None:
        """Take one message of a worker, or notice that it is gone."""
        planned = worker.stage
        assert planned is not None
        try:
            message = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            self._bury(worker, killed)
            waiting[planned] = None
            return
        match message:
            case Made():
                results[planned] = message
                self._display.end(planned.title)
                worker.stage = None
            case Advanced():
                self._display.advance(planned.title, message.done, message.total)
            case logging.LogRecord():
                logging.getLogger(message.name).handle(message)
            case Failed():
                raise message.error from RuntimeError(f"in a worker:\n{message.trace}")

    def _bury(self, worker: _Worker, killed: dict[PlannedStage, int]) -> None:
        """Let go of a worker that ended by itself or was killed."""
        planned = worker.stage
        assert planned is not None
        self._remove(worker)
        killed[planned] = killed.get(planned, 0) + 1
        if killed[planned] == _TRIES:
            raise UserError(
                f"{planned.title}: {_TRIES} workers ended while they made it, the last with exit code "
                f"{worker.process.exitcode}; expected memory for {self._most} workers, or fewer of them"
            )
        _LOG.warning(
            "%s: its worker ended with exit code %s; it is made again.",
            planned.title,
            worker.process.exitcode,
        )
        self._display.drop(planned.title)

    def _remove(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
