"""The stages of a run as a plan, which is counted, shown and carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from mllmu.benchmark import Modality
from mllmu.evaluation import asked_in
from mllmu.models import device_of
from mllmu.study.pipeline.execution.stage_store import Made, Stage
from mllmu.study.pipeline.forecast.question_size import questions_of_each
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.pipeline.stage_orders import AskingOrder, ModelOrder, ScoringOrder, StageOrder
from mllmu.study.pipeline.stages.asking_stages import ASKING, SCORING
from mllmu.study.pipeline.stages.model_stages import kind_of
from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, TEACH, VANILLA_LINEAGE, Lineage


@dataclass(frozen=True)
class Candidate:
    """A planned model, and one forget ratio it is judged under."""

    planned: PlannedModel
    forget_ratio: int

    @property
    def reference(self) -> tuple[int, int]:
        """The seed and forget ratio that it shares with the references it is read against."""
        return self.planned.seed, self.forget_ratio

    @property
    def name(self) -> str:
        """What the file of its records is called."""
        return self.planned.file_stem(self.forget_ratio)


@dataclass(frozen=True, eq=False)
class PlannedStage:
    """One stage to come; what it needs has to be made before it can be told from others.

    Attributes:
        kind: what is done.
        title: for whom it is done.
        needs: the stages whose results it takes.
        order: says what to make of their results.
        work: how much there is to do, in people, each counted once a pass.
        scale: the model and device that do it.
    """

    kind: str
    title: str
    needs: tuple[PlannedStage, ...]
    order: StageOrder = field(repr=False)
    work: float = 1.0
    scale: str = ""

    def stage(self, opened: OpenedRecipe, made: Sequence[Made]) -> Stage:
        """The stage, once what it needs is made."""
        return replace(self.order.stage(opened, made), work=self.work, scale=self.scale)


@dataclass(frozen=True)
class Planner:
    """Plans the stages of a recipe.

    Args:
        recipe: what was asked for.
        device: where models are, as the user said it.
        people: how many fictitious people there are, for estimates.
        others: how many celebrities and holdout people there are, for estimates.
    """

    recipe: Recipe
    device: str
    people: int
    others: int

    def models(self) -> dict[PlannedModel, PlannedStage]:
        """One stage for every model, each after the one it needs."""
        stages: dict[PlannedModel, PlannedStage] = {}
        for planned in plan_models(self.recipe):
            needs = () if planned.parent is None else (stages[planned.parent],)
            stages[planned] = PlannedStage(
                kind_of(planned),
                planned.title,
                needs,
                ModelOrder(planned),
                self._work(planned),
                self._scale,
            )
        return stages

    def judging(
        self, models: Mapping[PlannedModel, PlannedStage], fingerprints: Mapping[PlannedModel, str]
    ) -> dict[Candidate, PlannedStage]:
        """Every distinct model is asked once, and scored under each of its forget ratios.

        Equal fingerprints mean equal answers: vanilla serves all ratios, and so does a method that only puts
        a prompt before the question.

        Args:
            models: the stages that make them.
            fingerprints: what tells models apart, for those that are made.

        Returns:
            The scoring stage of every candidate; they need the asking stages.
        """
        candidates = [Candidate(model, ratio) for model in models for ratio in model.judged_under]
        by_print: dict[object, list[Candidate]] = {}
        for each in candidates:
            by_print.setdefault(fingerprints.get(each.planned, each.planned), []).append(each)
        asking: dict[Candidate, PlannedStage] = {}
        vanillas: list[PlannedStage] = []
        # Vanilla first: what the others are asked may be told from its answers.
        for same in sorted(by_print.values(), key=lambda same: not _holds_vanilla(same)):
            stage = self._asking(same, models[same[0].planned], vanillas)
            asking.update(dict.fromkeys(same, stage))
            if _holds_vanilla(same):
                vanillas.append(stage)
        of_lineage = {(each.reference, each.planned.lineage): asking[each] for each in candidates}

        def reference(each: Candidate, lineage: Lineage) -> PlannedStage:
            """After the same further steps: what these do to anybody is not the method's doing."""
            treated = of_lineage.get((each.reference, lineage.treated_as(each.planned.lineage)))
            return treated or of_lineage[each.reference, lineage]

        return {
            each: self._scoring(
                each, asking[each], reference(each, RETRAINED_LINEAGE), reference(each, VANILLA_LINEAGE)
            )
            for each in candidates
        }

    @property
    def _scale(self) -> str:
        return f"{self.recipe.model} on {self.device}"

    def _asking(
        self, same: Sequence[Candidate], model: PlannedStage, vanillas: Sequence[PlannedStage]
    ) -> PlannedStage:
        """Ask a model.

        Args:
            same: the candidates that it answers for.
            model: makes it.
            vanillas: the askings of all vanilla models, unless it is one.
        """
        ratios = tuple(sorted({each.forget_ratio for each in same}))
        evaluation = self.recipe.evaluation
        in_bfloat16 = asked_in(evaluation.precision, device_of(self.device)) == torch.bfloat16
        title = f"ask {same[0].name}" + (" in bfloat16" if in_bfloat16 else "")
        forgotten = max(self.recipe.forget_ratios) / 100 * self.people
        work = (self.people + self.others) * (1 + len(self.recipe.views)) + forgotten
        # What is recorded beside answers makes asking slower, no letters and fewer questions faster.
        is_told = evaluation.letters == "above_chance" and not _holds_vanilla(same)
        letters = None if is_told else evaluation.letters != "never"
        fewer = {True: [], False: ["no letters"], None: ["letters above chance"]}[letters]
        limit = [] if evaluation.limit is None else [f"{evaluation.limit} of each kind"]
        rounded = ["bfloat16"] if in_bfloat16 else []
        scale = ", ".join([self._scale, *evaluation.record, *fewer, *limit, *rounded])
        needs = (model, *vanillas) if is_told else (model,)
        return PlannedStage(ASKING, title, needs, AskingOrder(title, ratios, letters), work, scale)

    def _scoring(
        self, each: Candidate, asking: PlannedStage, reference: PlannedStage, vanilla: PlannedStage
    ) -> PlannedStage:
        title = f"score {each.name}"
        needs = (asking, reference, vanilla)
        order = ScoringOrder(title, each.forget_ratio)
        return PlannedStage(SCORING, title, needs, order, self.people + self.others, self._scale)

    def _work(self, planned: PlannedModel) -> float:
        """Passes over people: those to be taught, or those to forget; what knows no passes goes once."""
        forgotten = (planned.forget_ratio or 0) / 100 * self.people
        if planned.step.kind != TEACH:
            return forgotten * float(planned.settings.get("passes", 1))
        teaching = self.recipe.fine_tuning
        if teaching.max_steps is None:
            return (self.people - forgotten) * teaching.epochs
        of_a_person = len(Modality) * questions_of_each(None)
        return teaching.max_steps * teaching.batch_size * teaching.gradient_accumulation / of_a_person


def _holds_vanilla(candidates: Iterable[Candidate]) -> bool:
    return any(each.planned.lineage == VANILLA_LINEAGE for each in candidates)


def in_order(stages: Iterable[PlannedStage]) -> list[PlannedStage]:
    """Stages and all that they need, each once and after what it needs."""
    ordered: dict[PlannedStage, None] = {}
    for stage in stages:
        if stage not in ordered:
            ordered.update(dict.fromkeys([*in_order(stage.needs), stage]))
    return list(ordered)


def fingerprints(
    models: Mapping[PlannedModel, PlannedStage], results: Mapping[PlannedStage, Made]
) -> dict[PlannedModel, str]:
    """What tells the models that are made from all that may answer differently."""
    made = {model: results[stage] for model, stage in models.items() if stage in results}
    return {model: str(result.facts["fingerprint"]) for model, result in made.items()}


def needs_of(planned: PlannedStage, results: Mapping[PlannedStage, Made]) -> list[Made] | None:
    """The results that a stage takes; None until all are there."""
    if not all(one in results for one in planned.needs):
        return None
    return [results[one] for one in planned.needs]


def perform(
    planned: PlannedStage,
    opened: OpenedRecipe,
    do: Callable[[Stage], Made | None],
    results: dict[PlannedStage, Made],
) -> None:
    """Do a planned stage after all that it needs; nothing happens where something it needs cannot be had.

    Args:
        planned: what to do.
        opened: the recipe that it is planned for.
        do: makes a stage's result, or looks it up; None where there is none.
        results: of what was done before; filled.
    """
    if planned in results:
        return
    for one in planned.needs:
        perform(one, opened, do, results)
    needed = needs_of(planned, results)
    if needed is not None:
        result = do(planned.stage(opened, needed))
        if result is not None:
            results[planned] = result
