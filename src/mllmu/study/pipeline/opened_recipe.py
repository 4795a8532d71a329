"""A recipe with its benchmark, splits, questions and base model at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from mllmu.benchmark import Benchmark, Split
from mllmu.evaluation import Item, get_extras, get_protocol, require_scored_answers, under_views
from mllmu.evaluation.questions.sampled_questions import limited_items, sample_items
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.study.pipeline.plan import plan_models
from mllmu.study.pipeline.stages.model_family import ModelFamily
from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.unlearning import make_forget_request, make_method
from mllmu.unlearning.lineage import UNLEARN


@dataclass(frozen=True)
class OpenedRecipe:
    """A recipe, its benchmark, and what follows from the two.

    Attributes:
        recipe: what was asked for.
        benchmark: the people.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    """

    recipe: Recipe
    benchmark: Benchmark
    device: str

    @cached_property
    def splits(self) -> Mapping[int, Split]:
        """Who is forgotten, or what of them, by forget ratio."""
        seed, attributes = self.recipe.split_seed, self.recipe.forget_attributes
        return {
            ratio: choose_split(self.benchmark, ratio, seed, attributes)
            for ratio in self.recipe.forget_ratios
        }

    @cached_property
    def items(self) -> Mapping[int, Sequence[Item]]:
        """What is asked, by forget ratio.

        Raises:
            UserError: if those who demonstrate do not fit, or the benchmark lacks what has to be asked, or
                the protocol what is to be recorded.
        """
        recipe, protocol = self.recipe, get_protocol(self.recipe.protocol)
        splits = tuple(self.splits.values())
        asked = protocol.items(self.benchmark, splits, recipe.demonstrators, recipe.evaluation.seed)
        for items in asked.values():
            require_scored_answers(get_extras(recipe.evaluation.record), protocol, items)
        limit, seed = recipe.evaluation.limit, recipe.evaluation.seed
        return {
            ratio: limited_items(under_views(items, recipe.views, self.benchmark), limit, seed)
            for ratio, items in asked.items()
        }

    @cached_property
    def trajectory_items(self) -> Mapping[int, Sequence[Item]]:
        """What models are asked while they are made to forget, by forget ratio; nothing if not wanted."""
        wanted, seed = self.recipe.trajectory, self.recipe.evaluation.seed
        if wanted is None:
            return {}
        return {
            ratio: sample_items(items, wanted.people, wanted.questions, seed)
            for ratio, items in self.items.items()
        }

    def require_methods(self) -> None:
        """Refuse a benchmark that lacks what a method or a further step reads, before anything is taught.

        Raises:
            UserError: naming what is lacking.
        """
        seed = self.recipe.seeds[0]
        request = cache(
            lambda ratio, modality: make_forget_request(self.benchmark, self.splits[ratio], modality, seed)
        )
        for planned in plan_models(self.recipe):
            if planned.seed == seed and planned.step.kind == UNLEARN:
                method = make_method(planned.step.variant, planned.settings)
                method.require(request(planned.forget_ratio, planned.step.modality))
        for ratio in self.recipe.forget_ratios if self.recipe.further_steps else ():
            request(ratio, "both")

    @cached_property
    def family(self) -> ModelFamily:
        """The base model and its descendants.

        Raises:
            UserError: if there is no such model or device.
        """
        return ModelFamily(self.recipe.model, self.device)
