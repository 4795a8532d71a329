"""Which models a recipe asks for, each by its lineage, and under which splits it is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.unlearning import get_method
from mllmu.unlearning.lineage import (
    RETRAINED,
    RETRAINED_LINEAGE,
    UNLEARN,
    VANILLA,
    VANILLA_LINEAGE,
    Lineage,
    LineageStep,
)


@dataclass(frozen=True)
class PlannedModel:
    """One model to be made: what was done to make it, of which other model, and what for.

    Attributes:
        lineage: the steps from the base to this model.
        seed: of its training.
        forget_ratio: per cent of the split its last step is about; None where that is about everyone.
        judged_under: the forget ratios under which it is scored.
        parent: the model its last step starts from; None for the base.
        settings: of its last step.
    """

    lineage: Lineage
    seed: int
    forget_ratio: int | None
    judged_under: tuple[int, ...]
    parent: PlannedModel | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def step(self) -> LineageStep:
        """The step that makes it of its parent."""
        return self.lineage.steps[-1]

    @property
    def title(self) -> str:
        """The step in words, for the person who waits."""
        if self.parent is None:
            about = "vanilla" if self.lineage.model == VANILLA else f"without {self.forget_ratio} %"
            verb = "retrain" if self.lineage.model == RETRAINED else "fine-tune"
            return f"{verb} {about} (seed {self.seed})"
        if self.step.kind == UNLEARN:
            how = f"{self.step.variant} on {self.step.modality} (seed {self.seed})"
            return f"unlearn {self.forget_ratio} % with {how}"
        return f"{self.step.kind} {self.parent.file_stem(self.judged_under[0])}"

    def file_stem(self, forget_ratio: int) -> str:
        """What the file of its records under a forget ratio is called; see `Lineage.file_stem`."""
        return self.lineage.file_stem(forget_ratio, self.seed)


def plan_models(recipe: Recipe) -> list[PlannedModel]:
    """Every model a recipe asks for, each after the one it is made of."""
    models: list[PlannedModel] = []
    for seed in recipe.seeds:
        vanilla = PlannedModel(VANILLA_LINEAGE, seed, None, tuple(recipe.forget_ratios))
        models.append(vanilla)
        for ratio in recipe.forget_ratios:
            retrained = PlannedModel(RETRAINED_LINEAGE, seed, ratio, (ratio,))
            unlearned = list(_unlearned(recipe, vanilla, ratio))
            models += [retrained, *unlearned]
            models += [
                PlannedModel(each.lineage.then(LineageStep(name)), seed, ratio, (ratio,), each, settings)
                for name, settings in recipe.further_steps.items()
                for each in (vanilla, retrained, *unlearned)
            ]
    return models


def _unlearned(recipe: Recipe, vanilla: PlannedModel, ratio: int) -> Iterator[PlannedModel]:
    for method in recipe.methods:
        able = get_method(method).modalities
        for modality in (each for each in recipe.modalities if each in able):
            settings = recipe.method_settings(method, modality)
            lineage = vanilla.lineage.unlearned(method, modality)
            yield PlannedModel(lineage, vanilla.seed, ratio, (ratio,), vanilla, settings)
