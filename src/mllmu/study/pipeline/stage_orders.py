"""What to make of the results a stage needs, as data: any process that has the recipe can make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mllmu.evaluation import distinct_items
from mllmu.study.pipeline.execution.stage_store import Made, Stage
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.stages.asking_stages import asking_stage, scoring_stage
from mllmu.study.pipeline.stages.letters_decision import letters_are_told
from mllmu.study.pipeline.stages.model_stages import model_stage


class StageOrder(Protocol):
    """Says what to make; it can be pickled."""

    def stage(self, opened: OpenedRecipe, made: Sequence[Made]) -> Stage:
        """The stage.

        Args:
            opened: the recipe that it belongs to.
            made: the results that it needs.
        """
        ...


@dataclass(frozen=True)
class ModelOrder:
    """Make a model of the one it needs, or of the base."""

    planned: PlannedModel

    def stage(self, opened: OpenedRecipe, made: Sequence[Made]) -> Stage:
        """See `StageOrder.stage`."""
        return model_stage(opened, self.planned, made[0] if made else None)


@dataclass(frozen=True)
class AskingOrder:
    """Ask the model it needs all questions of some forget ratios.

    Attributes:
        title: for the person who waits.
        forget_ratios: whose questions are asked.
        letters: whether letters are asked for; None where that is told from the askings of vanilla models,
            which it needs as well.
    """

    title: str
    forget_ratios: tuple[int, ...]
    letters: bool | None

    def stage(self, opened: OpenedRecipe, made: Sequence[Made]) -> Stage:
        """See `StageOrder.stage`."""
        items = distinct_items(opened.items[ratio] for ratio in self.forget_ratios)
        model, *vanillas = made
        letters = self.letters
        if letters is None:
            letters = letters_are_told(vanillas, opened.recipe.evaluation.seed)
        return asking_stage(self.title, opened, model, items, letters)


@dataclass(frozen=True)
class ScoringOrder:
    """Score answers under one forget ratio, beside those of the retrained and of the vanilla model."""

    title: str
    forget_ratio: int

    def stage(self, opened: OpenedRecipe, made: Sequence[Made]) -> Stage:
        """See `StageOrder.stage`."""
        asked, reference, vanilla = made
        items, seed = opened.items[self.forget_ratio], opened.recipe.evaluation.seed
        return scoring_stage(self.title, asked, items, seed, reference, vanilla)
