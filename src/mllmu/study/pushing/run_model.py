"""A model of a finished run by its name, with all that the run knows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mllmu.errors import UserError
from mllmu.hub_access import is_hub_id
from mllmu.models import built_in_model, load_model
from mllmu.report.cards.model_facts import ModelFacts, RequestFacts, TaughtPeople
from mllmu.study.finished_run.made_models import find_models, made_models
from mllmu.study.finished_run.opened_run import opened_run
from mllmu.study.pipeline.execution.stage_store import MANIFEST_FILE, Made
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.pipeline.stages.model_family import model_folder
from mllmu.study.recipe.recipe_settings import Recipe


@dataclass(frozen=True)
class RunModel:
    """A model of a run.

    Attributes:
        planned: which one.
        folder: where it lies.
        facts: what the run knows of it.
    """

    planned: PlannedModel
    folder: Path
    facts: ModelFacts


def run_model(run_folder: Path, recipe: Recipe, planned: PlannedModel, device: str) -> RunModel:
    """Find a model in its run; nothing is made but people that are not there any more.

    Raises:
        UserError: the run does not hold it, or something else works in its folder.
    """
    with opened_run(run_folder, recipe, device) as (opened, _):
        return _described(opened, planned, find_models(opened, run_folder, [planned])[planned])


def model_of_weights(run_folder: Path, recipe: Recipe, folder: Path, device: str) -> RunModel:
    """Find the model of a run that is, to the last bit, what another folder holds, such as an exported one.

    Raises:
        UserError: the run holds none, the folder cannot be loaded, or something else works in the run's.
    """
    fingerprint = load_model(folder, device).fingerprint
    with opened_run(run_folder, recipe, device) as (opened, _):
        for planned, made in made_models(opened, run_folder, plan_models(recipe)).items():
            if made.facts["fingerprint"] == fingerprint:
                return _described(opened, planned, made)
    raise UserError(
        f"{run_folder} holds no model that is what {folder} holds; expected the name of a model of it, or "
        "one exported on the same kind of device."
    )


def _described(opened: OpenedRecipe, planned: PlannedModel, made: Made) -> RunModel:
    recipe = opened.recipe
    return RunModel(
        planned,
        model_folder(made.folder),
        ModelFacts(
            lineage=planned.lineage,
            seed=planned.seed,
            base=shown_source(recipe.model),
            base_on_hub=hub_id_of(recipe.model),
            people=_taught_people(opened),
            request=_request(opened, planned),
            settings=_settings(recipe, planned),
            versions=_versions(made.folder),
        ),
    )


def hub_id_of(source: str) -> str:
    """The hub id that a source is; empty where it is a folder or built in."""
    return source if is_hub_id(source) and not Path(source).is_dir() else ""


def shown_source(source: str) -> str:
    """A model or benchmark as a card names it: whose folder it was, and where, is nobody's business."""
    if built_in_model(source):
        return f"{source}, the model that comes with mllmu"
    return f"{Path(source).resolve().name}, a folder" if Path(source).is_dir() else source


def _taught_people(opened: OpenedRecipe) -> TaughtPeople:
    benchmark = opened.benchmark
    return TaughtPeople(
        benchmark.name,
        hub_id_of(opened.recipe.benchmark),
        benchmark.celebrities_are_fictitious,
        len(benchmark.profiles),
    )


def _versions(stage_folder: Path) -> dict[str, str]:
    """The versions of what made a stage, as far as it says."""
    manifest = json.loads((stage_folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def _request(opened: OpenedRecipe, planned: PlannedModel) -> RequestFacts | None:
    if planned.forget_ratio is None:
        return None
    split = opened.splits[planned.forget_ratio]
    return RequestFacts(planned.forget_ratio, len(split.forget), len(split.retain), split.attributes)


def _settings(recipe: Recipe, planned: PlannedModel) -> dict[str, Mapping[str, Any]]:
    """The settings of every step that led to a model, the first one first."""
    steps: dict[str, Mapping[str, Any]] = {}
    each: PlannedModel | None = planned
    while each is not None:
        steps[each.title] = each.settings if each.parent else recipe.fine_tuning.model_dump(mode="json")
        each = each.parent
    return dict(reversed(steps.items()))
