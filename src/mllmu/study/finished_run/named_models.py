"""The models of a finished run by name; imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mllmu.errors import UserError
from mllmu.report.run_folder import RECIPE_FILE, RESULTS_FILE
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.recipe.recipe_settings import Recipe, load_recipe
from mllmu.suggest import unknown
from mllmu.unlearning.lineage import UNLEARNED, Lineage


def finished_recipe(folder: Path) -> Recipe:
    """The recipe of a finished run.

    Raises:
        UserError: the folder is not that of a finished run.
    """
    missing = [name for name in (RECIPE_FILE, RESULTS_FILE) if not (folder / name).is_file()]
    if missing:
        raise UserError(f"There is no {missing[0]} in {folder}; expected the folder of a finished run.")
    return load_recipe(folder / RECIPE_FILE)


def model_name(model: PlannedModel) -> str:
    """What the file of its records is called, under the first ratio it is judged under."""
    return model.file_stem(model.judged_under[0])


def unlearned_models(recipe: Recipe, names: Sequence[str]) -> list[PlannedModel]:
    """A recipe's unlearned models in their order, further steps included.

    Args:
        recipe: the recipe.
        names: methods, or names of models as `model_name` has them; all models if there are none.

    Raises:
        UserError: a name is neither, or there is no unlearned model.
    """
    unlearned = [one for one in plan_models(recipe) if one.lineage.model == UNLEARNED]
    if not unlearned:
        raise UserError("the run has no unlearned models; expected one at least")
    for name in names:
        if not any(name in (one.lineage.method, model_name(one)) for one in unlearned):
            methods = dict.fromkeys(one.lineage.method for one in unlearned)
            raise unknown("model of the run", name, [*methods, *map(model_name, unlearned)])
    return [one for one in unlearned if not names or {one.lineage.method, model_name(one)} & set(names)]


def named_model(recipe: Recipe, name: str) -> PlannedModel:
    """The one model of a recipe that a name means.

    Args:
        recipe: the run's.
        name: a method, ``vanilla`` or ``retrained`` if there is one of it, or a name as `model_name` has it.

    Raises:
        UserError: there is none, or there are several.
    """
    meant = _meant(recipe, name)
    if not meant:
        models = plan_models(recipe)
        short = dict.fromkeys(map(_short_name, _without_further_steps(models)))
        raise unknown("model of the run", name, [*short, *map(model_name, models)])
    if len(meant) > 1:
        raise UserError(
            f"The run has {len(meant)} models '{name}'; expected one of {', '.join(map(model_name, meant))}."
        )
    return meant[0]


def is_folder_alone(recipe: Recipe, name: str) -> bool:
    """Whether a name is that of a folder, and of no model of a recipe."""
    return Path(name).is_dir() and not _meant(recipe, name)


def _meant(recipe: Recipe, name: str) -> list[PlannedModel]:
    """The models of a name; of a method or a reference those that nothing was done to later."""
    models = plan_models(recipe)
    exact = [one for one in models if name == model_name(one)]
    return exact or [one for one in _without_further_steps(models) if name == _short_name(one)]


def _without_further_steps(models: Sequence[PlannedModel]) -> list[PlannedModel]:
    """The models that nothing was done to after unlearning."""
    return [one for one in models if not one.lineage.further_steps]


def _short_name(model: PlannedModel) -> str:
    """Its method, or which reference it is."""
    return model.lineage.method or model.lineage.model


def reference_model(recipe: Recipe, model: PlannedModel, lineage: Lineage) -> PlannedModel:
    """The vanilla or retrained model of a model's seed and ratio."""
    reference = _reference(recipe, model, lineage)
    assert reference is not None  # every recipe plans them
    return reference


def treated_reference(recipe: Recipe, model: PlannedModel, lineage: Lineage) -> PlannedModel:
    """As `reference_model`, after the same further steps as the model where the recipe takes them.

    Rounding or relearning changes what a model that never learned of the people answers, too.
    """
    treated = _reference(recipe, model, lineage.treated_as(model.lineage))
    return treated or reference_model(recipe, model, lineage)


def _reference(recipe: Recipe, model: PlannedModel, lineage: Lineage) -> PlannedModel | None:
    """The planned model of a lineage, with the seed and ratio of another model."""
    wanted, ratio = (lineage, model.seed), model.judged_under[0]
    for one in plan_models(recipe):
        if (one.lineage, one.seed) == wanted and ratio in one.judged_under:
            return one
    return None
