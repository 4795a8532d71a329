"""Doing stages in several processes that were started together, as by torchrun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typing_extensions import override

from mllmu.errors import UserError
from mllmu.processes import from_main, is_main_process, process_rank, wait_for_all
from mllmu.progress import Progress
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage, perform
from mllmu.study.pipeline.stages.asking_stages import ASKING
from mllmu.study.pipeline.stages.model_stages import FURTHER, TEACHING, UNLEARNING

_SHARED = (TEACHING, UNLEARNING, FURTHER, ASKING)


class JointExecutor(Executor):
    """Does stages in all processes at once; the first looks them up, shows them and puts them in the store.

    All of them have to do the same stages in the same order. They share the samples of trainings and the
    questions to models; while the first does other stages, the others wait. What they write is thrown away.
    """

    @override
    def do(self, stage: Stage) -> Made:
        """See `Executor.do`.

        Raises:
            UserError: also if a process cannot see the store.
        """
        made = from_main(lambda: self._await_or_claim(stage))
        if made is None:
            if stage.kind in _SHARED:
                stage = replace(stage, make=partial(_make_together, stage))
                if not is_main_process():
                    with TemporaryDirectory() as unused:
                        stage.make(Workplace(Path(unused), self._store.scratch(stage)), _show_nothing)
            made = from_main(lambda: self._make(stage))
        if self._store.find(stage) is None:
            raise UserError(
                f"Process {process_rank()} cannot see {made.folder}, which the first process has written; "
                "expected a folder that all of them share."
            )
        return made

    @override
    def do_all(
        self, planned: Iterable[PlannedStage], opened: OpenedRecipe, results: dict[PlannedStage, Made]
    ) -> None:
        """See `Executor.do_all`; what another run makes is waited for, so that all keep the same order."""
        for stage in planned:
            perform(stage, opened, self.do, results)


def _make_together(stage: Stage, workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
    """Do a stage's work; nothing is put away while another process may still be reading it."""
    facts = stage.make(workplace, progress)
    wait_for_all()
    return facts


def _show_nothing(done: int, total: int) -> None:
    """What the others are told of their progress."""
