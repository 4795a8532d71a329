"""Handing the stages of a run to others who make them, each as soon as what it needs is made."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from types import TracebackType

from typing_extensions import Self, override

from mllmu.study.pipeline.execution.executor import PATIENCE, Executor, stages_to_come
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage, needs_of


class Dispatcher(Executor):
    """Has several stages made at once by others, and holds the leases on them meanwhile; a context manager.

    Args:
        store: where results are looked up and put.
        display: whom to tell.
    """

    def __init__(self, store: Store, display: Display) -> None:
        super().__init__(store, display)
        self._handed_out: dict[PlannedStage, Stage] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dismiss()
        for stage in self._handed_out.values():
            self._store.leases.release(stage.hash)
        self._handed_out.clear()

    @override
    def do_all(
        self, planned: Iterable[PlannedStage], opened: OpenedRecipe, results: dict[PlannedStage, Made]
    ) -> None:
        """See `Executor.do_all`.

        Raises:
            UserError: also if those who made a stage were killed too often.
        """
        waiting = stages_to_come(planned, results)
        next_look = 0.0
        while waiting or self._handed_out:
            if time.monotonic() >= next_look:
                self._hand_out(waiting, opened, results)
                next_look = time.monotonic() + PATIENCE
            for one, made in self._listen(max(0.0, next_look - time.monotonic())):
                self._store.leases.release(self._handed_out.pop(one).hash)
                if made is None:
                    self._display.drop(one.title)
                    waiting[one] = None
                else:
                    self._display.end(one.title)
                    results[one] = made
                next_look = 0.0

    def _hand_out(
        self,
        waiting: dict[PlannedStage, Stage | None],
        opened: OpenedRecipe,
        results: dict[PlannedStage, Made],
    ) -> None:
        """Have stages made whose needs are made, and that nobody else makes; take out those that are done."""
        for one in list(waiting):
            if not self._has_room():
                return
            needed = needs_of(one, results)
            if needed is None:
                continue
            # Telling a stage from others takes a while, for it is told by all that it asks.
            stage = waiting[one] = waiting[one] or one.stage(opened, needed)
            if stage.hash in self._store.leases:
                continue  # the same under another title: it is found done later
            done = self._look_or_claim(stage)
            if done is not None:
                results[one] = done
            elif stage.hash not in self._store.leases:
                continue
            elif self._begin(one, stage, needed):
                self._handed_out[one] = stage
                self._display.begin(one.title)
            else:
                self._store.leases.release(stage.hash)
                continue
            del waiting[one]

    @abstractmethod
    def _has_room(self) -> bool:
        """Whether one more stage can be made at the same time."""

    @abstractmethod
    def _begin(self, planned: PlannedStage, stage: Stage, needed: Sequence[Made]) -> bool:
        """Have a stage made of what it needs; False if those who were to do it are gone."""

    @abstractmethod
    def _listen(self, seconds: float) -> Iterable[tuple[PlannedStage, Made | None]]:
        """What was finished within some seconds; with None what has to be made again.

        Raises:
            UserError: a stage cannot be made.
        """

    @abstractmethod
    def _dismiss(self) -> None:
        """Let go of everybody; what is not finished is given up."""
