"""Making the stages of a run in several processes at once."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from typing_extensions import override

from mllmu.errors import UserError
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.execution.workers.dispatcher import Dispatcher
from mllmu.study.pipeline.execution.workers.worker_process import Advanced, Failed, Workplan, work
from mllmu.study.pipeline.run_plan import PlannedStage

_LOG = logging.getLogger(__name__)
_TRIES = 2


@dataclass
class _Worker:
    """A process, and the planned stage that it makes now."""

    process: SpawnProcess
    connection: Connection
    stage: PlannedStage | None = None


class WorkerPool(Dispatcher):
    """Makes stages in several processes of this machine; a context manager.

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
        self._killed: Counter[PlannedStage] = Counter()

    @override
    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    @override
    def _has_room(self) -> bool:
        return len(self._workers) < self._most or any(worker.stage is None for worker in self._workers)

    @override
    def _begin(self, planned: PlannedStage, stage: Stage, needed: Sequence[Made]) -> bool:
        worker = self._idle()
        if worker is None or not self._send(worker, (replace(planned, needs=()), needed, stage.hash)):
            return False
        worker.stage = planned
        return True

    @override
    def _listen(self, seconds: float) -> Iterator[tuple[PlannedStage, Made | None]]:
        busy = {worker.connection: worker for worker in self._workers if worker.stage}
        if not busy:
            time.sleep(seconds)
        for connection in wait(list(busy), seconds) if busy else []:
            worker = busy[connection]  # type: ignore[index]
            planned = worker.stage
            assert planned is not None
            try:
                message = worker.connection.recv()
            except (EOFError, ConnectionResetError):
                self._bury(worker, planned)
                yield planned, None
                continue
            match message:
                case Made():
                    worker.stage = None
                    yield planned, message
                case Advanced():
                    self._display.advance(planned.title, message.done, message.total)
                case logging.LogRecord():
                    logging.getLogger(message.name).handle(message)
                case Failed():
                    raise message.error from RuntimeError(f"in a worker:\n{message.trace}")

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

    def _bury(self, worker: _Worker, planned: PlannedStage) -> None:
        """Let go of a worker that ended by itself or was killed."""
        self._remove(worker)
        self._killed[planned] += 1
        if self._killed[planned] == _TRIES:
            raise UserError(
                f"{planned.title}: {_TRIES} workers ended while they made it, the last with exit code "
                f"{worker.process.exitcode}; expected memory for {self._most} workers, or fewer of them"
            )
        _LOG.warning(
            "%s: its worker ended with exit code %s; it is made again.",
            planned.title,
            worker.process.exitcode,
        )

    def _remove(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
