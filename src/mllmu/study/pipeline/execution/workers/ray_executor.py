"""Making the stages of a run on a Ray cluster whose machines share the run's folder."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from typing_extensions import override

from mllmu.errors import UserError
from mllmu.files import atomic_file
from mllmu.processes import process_count
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.execution.workers.dispatcher import Dispatcher
from mllmu.study.pipeline.execution.workers.ray_task import StageTask, TaskReport, do_task, not_shared, sees
from mllmu.study.pipeline.execution.workers.worker_process import Failed
from mllmu.study.pipeline.run_plan import PlannedStage
from mllmu.study.pipeline.stages.asking_stages import SCORING
from mllmu.training import Tracking
from mllmu.visible_text import one_line

if TYPE_CHECKING:
    import ray

_DEVICES = ("auto", "cpu", "cuda")
_RETRIES = 3
"""How often Ray makes a stage again whose process or machine is gone."""


class RayExecutor(Dispatcher):
    """Makes as many stages at once as a cluster has cores, or GPUs, with one thread each; a context manager.

    It wants a process that is `connected` with one. Tasks carry a recipe's path and keys of stages; all else
    is read from the folder that machines share, which is checked at first. What a lost machine was making is
    made again on another one.

    Args:
        store: where results are looked up and put.
        display: whom to tell.
        recipe: the recipe file of the run, beside its stages.
        device: ``auto``, ``cpu`` or ``cuda``; every machine has to have it.
        on_gpu: whether models are on GPUs.
        tracking: whom trainings tell of their steps besides; None for nobody.

    Raises:
        UserError: a machine of the cluster cannot see the folder.
    """

    def __init__(
        self,
        store: Store,
        display: Display,
        recipe: Path,
        device: str,
        on_gpu: bool,
        tracking: Tracking | None,
    ) -> None:
        super().__init__(store, display)
        self._recipe = recipe.absolute()
        self._device = device
        self._on_gpu = on_gpu
        self._tracking = tracking
        self._tasks: dict[ray.ObjectRef[Any], PlannedStage] = {}
        check_nodes(self._recipe.parent)

    @override
    def _dismiss(self) -> None:
        import ray

        self._tasks.clear()
        ray.shutdown()  # type: ignore[no-untyped-call]

    @override
    def _has_room(self) -> bool:
        import ray

        counts = ray.cluster_resources()
        return len(self._tasks) < max(1, int(counts.get("GPU" if self._on_gpu else "CPU", 1)))

    @override
    def _begin(self, planned: PlannedStage, stage: Stage, needed: Sequence[Made]) -> bool:
        import ray

        keys = tuple(made.hash for made in needed)
        stages, alone = self._store.folder.absolute(), replace(planned, needs=())
        task = StageTask(self._recipe, stages, self._device, alone, keys, stage.hash, self._tracking)
        gpus = int(self._on_gpu and planned.kind != SCORING)
        remote = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=_RETRIES)(do_task)
        self._tasks[remote.remote(task)] = planned
        return True

    @override
    def _listen(self, seconds: float) -> Iterator[tuple[PlannedStage, Made | None]]:
        import ray

        if not self._tasks:
            time.sleep(seconds)
            return
        done, _ = ray.wait(list(self._tasks), timeout=seconds)
        for one in done:
            planned = self._tasks.pop(one)
            try:
                report: TaskReport = ray.get(one)
            except ray.exceptions.RayError as error:
                raise UserError(
                    f"{planned.title}: no machine of the cluster could make it in {_RETRIES + 1} tries: "
                    f"{one_line(str(error), 300)}; expected memory for a stage on every core or GPU"
                ) from error
            for message in report.messages:
                logging.getLogger(message.name).handle(message)
            if isinstance(report.outcome, Failed):
                raise report.outcome.error from RuntimeError(f"on the cluster:\n{report.outcome.trace}")
            yield planned, report.outcome


def check_cluster(workers: int, device: str) -> None:
    """Refuse what does not go together with a cluster, before anything begins.

    Raises:
        UserError: Ray is not installed, or it is said who makes stages, or where, in another way as well.
    """
    if find_spec("ray") is None:
        raise UserError("a cluster needs Ray, which is not installed; expected: pip install 'mllmu[ray]'")
    if workers > 1:
        raise UserError(
            f"{workers} workers and a cluster were asked for; expected one of the two: a cluster makes as "
            "many stages at once as it has cores or GPUs"
        )
    if process_count() > 1:
        raise UserError(
            f"a cluster was asked for in each of {process_count()} processes; expected one process"
        )
    if device not in _DEVICES:
        raise UserError(f"device {device!r} does not fit a cluster; expected one of {', '.join(_DEVICES)}")


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Meanwhile this process is a cluster's client.

    Args:
        address: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``.

    Raises:
        UserError: there is no such cluster.
    """
    import ray

    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"no Ray cluster answers at {address!r}: {one_line(str(error), 300)}; expected auto, "
            "HOST:PORT or ray://HOST:PORT"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()  # type: ignore[no-untyped-call]


def check_nodes(folder: Path) -> None:
    """Have every machine of the cluster read a file that this one writes.

    Raises:
        UserError: naming the first that cannot, or that cannot run mllmu at all.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    token, text = folder / f".seen-{uuid4().hex}", uuid4().hex
    with atomic_file(token) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    try:
        look = ray.remote(num_cpus=0, max_retries=0)(sees)
        nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        looks = {
            node["NodeID"]: look.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote(token, text)
            for node in nodes
        }
        for node in nodes:
            host, answer = node["NodeManagerHostname"], looks[node["NodeID"]]
            try:
                seen = ray.get(answer)
            except (ray.exceptions.TaskUnschedulableError, ray.exceptions.NodeDiedError):
                continue  # lost meanwhile, which is no matter
            except ray.exceptions.RayError as error:
                raise UserError(
                    f"{host} cannot run mllmu: {one_line(str(error), 300)}; expected it installed there too"
                ) from error
            if not seen:
                raise not_shared(host, folder)
    finally:
        token.unlink(missing_ok=True)
