"""The settings of single steps, from a preset and from what a command line changes in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mllmu.errors import UserError
from mllmu.study.recipe.presets import make_recipe
from mllmu.study.recipe.recipe_settings import UnlearnModality
from mllmu.study.recipe.setting_overrides import override, parse_assignments
from mllmu.training import TrainingSettings, parse_settings
from mllmu.unlearning import make_method


def training_settings(preset: str | None, assignments: Iterable[str]) -> TrainingSettings:
    """A preset's fine-tuning settings, or the original benchmark's, with single ones changed.

    Raises:
        UserError: if the preset, a setting or a value does not exist or does not fit.
    """
    settings = make_recipe(preset).fine_tuning.model_dump() if preset else {}
    return parse_settings("fine-tuning", TrainingSettings, override(settings, parse_assignments(assignments)))


def method_settings(
    method: str, modality: UnlearnModality, preset: str | None, assignments: Iterable[str]
) -> dict[str, Any]:
    """A preset's settings of a method on a modality, or the method's defaults, with single ones changed.

    Raises:
        UserError: if the preset, the method or a setting does not exist, or a value does not fit.
    """
    settings: Mapping[str, Any] = {}
    if preset:
        recipe = make_recipe(preset)
        if method not in recipe.methods:
            raise UserError(
                f"preset {preset!r} has no settings for method {method!r}; it has {', '.join(recipe.methods)}"
            )
        settings = recipe.method_settings(method, modality)
    changed = override(settings, parse_assignments(assignments))
    make_method(method, changed)
    return changed
