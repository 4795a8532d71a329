"""The stages that make models, each with everything that can change its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch

from mllmu.evaluation import get_protocol
from mllmu.progress import Progress
from mllmu.source_digest import plugin_digest, source_digest
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Workplace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.stages.asking_stages import asking_code, scoring_code, what_is_asked
from mllmu.study.pipeline.stages.celebrity_replay import replay_of
from mllmu.study.pipeline.stages.model_family import keep_model, model_folder, model_identity
from mllmu.study.pipeline.stages.training_log import write_training_log
from mllmu.study.pipeline.stages.trajectory_keeper import trajectory_keeper
from mllmu.training import TrainingModality, Upkeep, fine_tune, retain_samples, training_samples
from mllmu.training.precision import uses_bfloat16
from mllmu.unlearning import FURTHER_STEPS, apply_further_step, get_method, unlearn
from mllmu.unlearning.lineage import TEACH, UNLEARN

TEACHING, UNLEARNING, FURTHER = "fine_tuning", "unlearning", "further_step"
METHODS_PACKAGE, _FURTHER = "mllmu.unlearning.methods", "mllmu.unlearning.further_steps"
_LOGGED_BY = "mllmu.study.pipeline.stages.training_log"
_TAUGHT_BY = ("mllmu.benchmark", "mllmu.models", "mllmu.training", _LOGGED_BY, __name__)
_AS_EVER = {"gradient_checkpointing": False, "frozen_weights": None}
# What is kept of a look at a model, which the report names.
_WATCHED_BY = ("mllmu.study.pipeline.stages.trajectory_keeper", "mllmu.report.names")
_REHEARSED_BY = ("mllmu.synthesis", "mllmu.study.pipeline.stages.celebrity_replay")


def model_stage(opened: OpenedRecipe, planned: PlannedModel, parent: Made | None) -> Stage:
    """The stage of one planned model.

    Args:
        opened: the recipe.
        planned: what is to be made.
        parent: the model it is made of; None for one that is made of the base.
    """
    if planned.step.kind == TEACH:
        return _teaching(opened, planned)
    assert parent is not None
    return (
        _unlearning(opened, planned, parent)
        if planned.step.kind == UNLEARN
        else _further(opened, planned, parent)
    )


def kind_of(planned: PlannedModel) -> str:
    """The kind of the model's stage."""
    return {TEACH: TEACHING, UNLEARN: UNLEARNING}.get(planned.step.kind, FURTHER)


def _teaching(opened: OpenedRecipe, planned: PlannedModel) -> Stage:
    """Teach the base model some people, with their faces and by their names."""
    settings, family, benchmark = opened.recipe.fine_tuning, opened.family, opened.benchmark
    split = None if planned.forget_ratio is None else opened.splits[planned.forget_ratio]
    profile_ids = tuple(benchmark.profiles) if split is None else split.retain

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        samples = (
            training_samples(benchmark, profile_ids, "both")
            if split is None
            else retain_samples(benchmark, split, "both")
        )
        base, replay = family.load(family.base).with_origin(), replay_of(settings, planned.seed)
        upkeep = _upkeep(workplace, planned)
        taught = fine_tune(base, samples, settings, planned.seed, progress, replay, upkeep)
        write_training_log(upkeep, workplace.folder)
        return keep_model(taught, workplace.folder)

    ingredients = {
        "benchmark": benchmark.fingerprint,
        "base": family.fingerprint,
        "profile_ids": list(profile_ids),
        "settings": _that_count(settings.model_dump(mode="json")),
        # Which one "auto" means is the machine's business, and a run may go on on another machine.
        "bfloat16": uses_bfloat16(settings.precision, torch.device(family.device)),
        "seed": planned.seed,
        "device": family.device,
    }
    if split is not None and split.attributes:
        ingredients |= {"forget": list(split.forget), "attributes": list(split.attributes)}
    # Rehearsal is about people of the generator, whom a benchmark's fingerprint does not tell apart.
    rehearsed = _REHEARSED_BY if settings.rehearsal else ()
    code = source_digest(*_TAUGHT_BY, *rehearsed)
    return Stage(TEACHING, planned.title, code, ingredients, make)


def _unlearning(opened: OpenedRecipe, planned: PlannedModel, vanilla: Made) -> Stage:
    """Make the vanilla model forget a split's forget people."""
    family, benchmark, split = opened.family, opened.benchmark, opened.splits[_ratio(planned)]
    method, settings = planned.step.variant, planned.settings
    modality = cast(TrainingModality, planned.step.modality)
    # Of others no state on the way is like the result, and no change of what is asked makes them anew.
    is_looked_at = get_method(method).is_gradual()

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        loaded = family.load(model_folder(vanilla.folder)).with_origin()
        keeper = trajectory_keeper(opened, split.forget_ratio, workplace.scratch) if is_looked_at else None
        watch, upkeep = None if keeper is None else keeper.watch, _upkeep(workplace, planned)
        unlearned = unlearn(
            method,
            loaded,
            benchmark,
            split,
            modality,
            settings,
            planned.seed,
            progress,
            watch,
            upkeep,
        )
        if keeper is not None:
            keeper.write(workplace.folder)
        write_training_log(upkeep, workplace.folder)
        return keep_model(unlearned, workplace.folder)

    ingredients = {**_request(opened, planned, vanilla), "method": method, "modality": modality}
    code = f"{_unlearning_code()} {plugin_digest(get_method(method), METHODS_PACKAGE)}"
    if opened.recipe.trajectory is not None and is_looked_at:
        protocol, items = get_protocol(opened.recipe.protocol), opened.trajectory_items[split.forget_ratio]
        passes = opened.recipe.trajectory.passes
        ingredients["trajectory"] = {"passes": passes, **what_is_asked(protocol, items)}
        code = f"{code} {asking_code(protocol)} {scoring_code()} {source_digest(*_WATCHED_BY)}"
    return Stage(UNLEARNING, planned.title, code, ingredients, make)


def _further(opened: OpenedRecipe, planned: PlannedModel, parent: Made) -> Stage:
    """Do one more thing to a retrained or an unlearned model."""
    family, benchmark, split = opened.family, opened.benchmark, opened.splits[_ratio(planned)]
    name, settings = planned.step.kind, planned.settings

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        loaded = family.load(model_folder(parent.folder)).with_origin()
        upkeep = _upkeep(workplace, planned)
        changed = apply_further_step(name, loaded, benchmark, split, settings, planned.seed, progress, upkeep)
        write_training_log(upkeep, workplace.folder)
        return keep_model(changed, workplace.folder)

    ingredients = {**_request(opened, planned, parent), "further_step": name}
    code = f"{_unlearning_code()} {plugin_digest(FURTHER_STEPS.get(name), _FURTHER)}"
    return Stage(FURTHER, planned.title, code, ingredients, make)


def _upkeep(workplace: Workplace, planned: PlannedModel) -> Upkeep:
    """A training's state is kept beside the stage, under the stage's key: no other training can find it."""
    title = planned.file_stem(planned.judged_under[0])
    tracking = None if workplace.tracking is None else workplace.tracking.of(title)
    return Upkeep(workplace.scratch / "state", tracking=tracking)


def _request(opened: OpenedRecipe, planned: PlannedModel, parent: Made) -> dict[str, Any]:
    """The ingredients of whatever starts from a model that was taught."""
    split, device = opened.splits[_ratio(planned)], opened.family.device
    return {
        "benchmark": opened.benchmark.fingerprint,
        "parent": model_identity(parent),
        "forget": list(split.forget),
        "retain": list(split.retain),
        # Left out where whole people are to be forgotten, so that what is made then is found as ever.
        **({"attributes": list(split.attributes)} if split.attributes else {}),
        "settings": _that_count(planned.settings),
        "bfloat16": uses_bfloat16(planned.settings.get("precision", "float32"), torch.device(device)),
        "seed": planned.seed,
        "device": device,
    }


def _that_count(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that are younger than many results, where they are as before there were any."""
    return {
        name: value for name, value in settings.items() if name not in _AS_EVER or value != _AS_EVER[name]
    }


def _unlearning_code() -> str:
    """The source of what all methods stand on; a method's own is told apart by itself."""
    return source_digest(*_TAUGHT_BY, "mllmu.unlearning", without=(METHODS_PACKAGE, _FURTHER))


def _ratio(planned: PlannedModel) -> int:
    assert planned.forget_ratio is not None
    return planned.forget_ratio
