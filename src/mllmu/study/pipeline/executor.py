"""Doing stages one after the other, and taking from the store what is done already."""

from __future__ import annotations

from collections.abc import Iterable

from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.remaining_time import ExpectedStage
from mllmu.study.pipeline.run_display import Display
from mllmu.study.pipeline.run_plan import PlannedStage, perform
from mllmu.study.pipeline.stage_store import Made, Stage, Store
from mllmu.study.pipeline.time_estimate import measure_pace


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

    def plan(self, planned: Iterable[PlannedStage]) -> None:
        """Announce which stages are to come, in place of what was planned before, for estimates of time."""
        stages = [ExpectedStage(one.title, one.kind, one.scale, one.work) for one in planned]
        self._display.plan(stages, measure_pace(self._store.folder.parent))

    def do(self, stage: Stage) -> Made:
        """The stage's result, from the store if it lies there.

        Raises:
            UserError: if the stage's input is at fault, or its result cannot be written.
        """
        done = self._find(stage)
        if done is not None:
            return done
        self._display.begin(stage.title)
        made = self._store.make(stage, self._display.progress_of(stage.title))
        self._display.end(stage.title)
        return made

    def do_all(
        self, planned: Iterable[PlannedStage], opened: OpenedRecipe, results: dict[PlannedStage, Made]
    ) -> None:
        """Do planned stages, each after all that it needs.

        Args:
            planned: what to do.
            opened: the recipe that they are planned for.
            results: of what was done before; filled.

        Raises:
            UserError: if a stage's input is at fault, or its result cannot be written.
        """
        for stage in planned:
            perform(stage, opened, self.do, results)

    def _find(self, stage: Stage) -> Made | None:
        """The stage's result, told to be done before, if it lies in the store."""
        done = self._store.find(stage)
        if done is not None:
            self._display.skip(stage.title)
        return done
