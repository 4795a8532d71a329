"""Trying a method's settings: unlearn, ask on the way, compare with retrained."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from mllmu.evaluation import ask, get_protocol
from mllmu.evaluation.questions.sampled_questions import BriefProtocol
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.report.numbers.result_columns import Condition
from mllmu.report.numbers.trajectories import PASSES, Trajectories
from mllmu.report.tables.equal_utility_table import LOSSES
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.stages.model_family import model_folder
from mllmu.study.pipeline.stages.trajectory_keeper import trajectory_scores
from mllmu.study.tuning.trial_score import State, best_state
from mllmu.unlearning import Watch, unlearn
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE, Lineage

ONCE = 1.0
"""Passes, in trajectories, of a method that has none."""


@dataclass(frozen=True)
class Trials:
    """Makes trials of one method on one modality, all from the same vanilla model.

    Attributes:
        opened: the recipe, with one forget ratio and with a trajectory.
        method: what is tuned.
        modality: what it unlearns on.
        vanilla: the model that knows everybody.
        retrained: the model that has never met the forget people.
        seed: of every trial, so that they differ in settings alone.
    """

    opened: OpenedRecipe
    method: str
    modality: Any
    vanilla: Made
    retrained: Made
    seed: int
    _answers: dict[Lineage, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def run(self, settings: Mapping[str, Any], progress: Progress) -> tuple[dict[float, State], float]:
        """Try settings.

        Returns:
            The best state for each tolerated loss of utility, and the seconds it took.

        Raises:
            UserError: if the training diverges.
        """
        started = time.monotonic()
        (split,) = self.opened.splits.values()
        looks: list[pd.DataFrame] = []

        def look(loaded: LoadedModel, passes: float) -> None:
            looks.append(self._ask(loaded).assign(**{PASSES: passes}))

        assert self.opened.recipe.trajectory is not None
        watch = Watch(tuple(self.opened.recipe.trajectory.passes), look)
        loaded = self.opened.family.load(model_folder(self.vanilla.folder))
        model = unlearn(
            self.method,
            loaded,
            self.opened.benchmark,
            split,
            self.modality,
            settings,
            self.seed,
            progress,
            watch,
        )
        look(model, float(settings.get(PASSES, ONCE)))
        lineage = VANILLA_LINEAGE.unlearned(self.method, self.modality)
        frame = pd.concat([self._references, self._labelled(pd.concat(looks), lineage)])
        condition = Condition(split.forget_ratio, self.opened.recipe.protocol)
        trajectories = Trajectories(frame)
        trajectory = trajectories.find(lineage, condition)
        assert trajectory is not None
        passes = trajectories.passes(lineage, condition)
        states = {loss: best_state(trajectory, passes, loss) for loss in LOSSES}
        return states, time.monotonic() - started

    @cached_property
    def _references(self) -> pd.DataFrame:
        """What vanilla and retrained know."""
        parts = []
        for lineage, made in ((VANILLA_LINEAGE, self.vanilla), (RETRAINED_LINEAGE, self.retrained)):
            scores = self._ask(self.opened.family.load(model_folder(made.folder)))
            parts.append(self._labelled(scores.assign(**{PASSES: 0.0}), lineage))
        return pd.concat(parts)

    def _ask(self, loaded: LoadedModel) -> pd.DataFrame:
        protocol = get_protocol(self.opened.recipe.protocol)
        (items,) = self.opened.trajectory_items.values()
        return trajectory_scores(
            ask(TransformersEngine(loaded), items, BriefProtocol(protocol)), protocol.name
        )

    def _labelled(self, scores: pd.DataFrame, lineage: Lineage) -> pd.DataFrame:
        (ratio,) = self.opened.splits
        study: dict[str, Any] = {
            "forget_ratio": ratio,
            "seed": self.seed,
            "protocol": self.opened.recipe.protocol,
        }
        return scores.assign(**{**lineage.columns, **study})
