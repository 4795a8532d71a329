"""Doing stages one after the other, and taking from the store what is done already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage
from mllmu.study.pipeline.forecast.time_estimate import measure_pace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage, in_order, needs_of

PATIENCE = 0.5
"""Seconds between looks at what others make."""


class Executor:
    """Turns stages into results, and tells how far it is.

    Args:
        store: where results are looked up and put.
        display: whom to tell.
    """

    def __init__(self, store: Store, display: Display) -> None:
        self._store = store
        self._display = display
        self._expected = 0

    def expect(self, stages: int) -> None:
        """Announce more stages to come, or fewer if negative."""
        self._expected += stages
        self._display.expect(self._expected)

    def plan(self, planned: Iterable[PlannedStage], further: Iterable[ExpectedStage] = ()) -> None:
        """Announce which stages are to come, in place of what was planned before, for estimates of time.

        Args:
            planned: what this makes.
            further: what its caller will do after that.
        """
        stages = [ExpectedStage(one.title, one.kind, one.scale, one.work) for one in planned]
        self._display.plan([*stages, *further], measure_pace(self._store.folder.parent))

    def do(self, stage: Stage) -> Made:
        """The stage's result, from the store if it lies there; where another makes it, that is waited for.

        Raises:
            UserError: if the stage's input is at fault, or its result cannot be written.
        """
        return self._await_or_claim(stage) or self._make(stage)

    def do_all(
        self, planned: Iterable[PlannedStage], opened: OpenedRecipe, results: dict[PlannedStage, Made]
    ) -> None:
        """Do planned stages, each after all that it needs; what another makes is left for later.

        Args:
            planned: what to do.
            opened: the recipe that they are planned for.
            results: of what was done before; filled.

        Raises:
            UserError: if a stage's input is at fault, or its result cannot be written.
        """
        waiting = stages_to_come(planned, results)
        while waiting:
            before = len(waiting)
            for one in list(waiting):
                needed = needs_of(one, results)
                if needed is None:
                    continue
                # Telling a stage from others takes a while, for it is told by all that it asks.
                stage = waiting[one] = waiting[one] or one.stage(opened, needed)
                made = self._attempt(stage)
                if made is not None:
                    results[one] = made
                    del waiting[one]
            if len(waiting) == before:
                time.sleep(PATIENCE)

    def _attempt(self, stage: Stage) -> Made | None:
        """The stage's result, looked up or made; None while another makes it."""
        made = self._look_or_claim(stage)
        return self._make(stage) if stage.hash in self._store.leases else made

    def _await_or_claim(self, stage: Stage) -> Made | None:
        """The stage's result, once it lies in the store; None as soon as it is ours to make."""
        while (made := self._look_or_claim(stage)) is None and stage.hash not in self._store.leases:
            time.sleep(PATIENCE)
        return made

    def _make(self, stage: Stage) -> Made:
        """Make a stage that was claimed."""
        try:
            self._display.begin(stage.title)
            made = self._store.make(stage, self._display.progress_of(stage.title))
            self._display.end(stage.title)
        finally:
            self._store.leases.release(stage.hash)
        return made

    def _look_or_claim(self, stage: Stage) -> Made | None:
        """The stage's result if it lies in the store; else its lease is taken, unless another makes it."""
        done = self._store.find(stage)
        if done is None and self._store.leases.claim(stage.hash):
            done = self._store.find(stage)  # it may have been finished between the two
            if done is not None:
                self._store.leases.release(stage.hash)
        if done is not None:
            self._display.skip(stage.title)
        return done


def stages_to_come(
    planned: Iterable[PlannedStage], results: Mapping[PlannedStage, Made]
) -> dict[PlannedStage, Stage | None]:
    """Planned stages and all that they need, each after what it needs, but for those that have a result."""
    return dict.fromkeys(stage for stage in in_order(planned) if stage not in results)
