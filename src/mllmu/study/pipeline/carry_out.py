"""A whole experiment: from a recipe to the scores of every model it compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mllmu.benchmark import Benchmark
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.run_plan import PlannedStage, Planner, fingerprints, in_order
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe
from mllmu.unlearning.lineage import Lineage


@dataclass(frozen=True)
class Judged:
    """A model's records and scores under one forget ratio.

    Attributes:
        lineage: what was done to the model.
        seed: of its training.
        forget_ratio: under which split, in per cent.
        made: the scoring stage's result.
        model: that of the stage which made the model.
        settings: of the model's last step.
    """

    lineage: Lineage
    seed: int
    forget_ratio: int
    made: Made
    model: Made
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What an experiment measured, before it is written out.

    Attributes:
        opened: the recipe, with its people and questions.
        judged: every model under every ratio it belongs to.
    """

    opened: OpenedRecipe
    judged: Sequence[Judged]

    @property
    def benchmark(self) -> Benchmark:
        """The people."""
        return self.opened.benchmark


def carry_out(
    recipe: Recipe, executor: Executor, device: str, checked: OpenedRecipe | None = None
) -> Outcome:
    """Do everything a recipe asks for that is not done yet.

    Args:
        recipe: what to do.
        executor: does it, or finds it done.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        checked: the recipe with its benchmark, where `check_recipe` has opened it already.

    Raises:
        UserError: if the benchmark, the model or a setting is at fault, or the disk is full.
    """
    opened = checked or _open(recipe, executor, device)
    benchmark = opened.benchmark
    others = len(benchmark.celebrities) + len(benchmark.holdout)
    planner = Planner(recipe, device, len(benchmark.profiles), others)
    models = planner.models()
    to_come = in_order([*models.values(), *planner.judging(models, {}).values()])
    at_most = len(to_come)
    executor.plan(to_come)
    executor.expect(int(recipe.benchmark == SYNTHETIC) + at_most)
    results: dict[PlannedStage, Made] = {}
    executor.do_all(models.values(), opened, results)
    judging = planner.judging(models, fingerprints(models, results))
    to_come = in_order(judging.values())
    executor.plan([one for one in to_come if one not in results])
    executor.expect(len(in_order([*models.values(), *to_come])) - at_most)
    executor.do_all(judging.values(), opened, results)
    judged = []
    for each, stage in judging.items():
        planned = each.planned
        judged.append(
            Judged(
                planned.lineage,
                planned.seed,
                each.forget_ratio,
                results[stage],
                results[models[planned]],
                planned.settings,
            )
        )
    return Outcome(opened, judged)


def _open(recipe: Recipe, executor: Executor, device: str) -> OpenedRecipe:
    """Make the people of a recipe, unless they are there."""
    opened = OpenedRecipe(recipe, open_benchmark(recipe.benchmark, recipe.synthetic, executor.do), device)
    _ = opened.items  # before anything is trained: a mistake in who demonstrates should not cost hours
    opened.require_methods()
    return opened
