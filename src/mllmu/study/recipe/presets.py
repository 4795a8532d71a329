"""Recipes that come with the package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mllmu.study.recipe.recipe_settings import Recipe, parse_recipe, read_yaml
from mllmu.study.recipe.setting_overrides import override, parse_assignments
from mllmu.suggest import unknown

_FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """The names that ``--preset`` takes."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def make_recipe(preset: str = "quick", file: Path | None = None, assignments: Iterable[str] = ()) -> Recipe:
    """A recipe from a preset or a file, with single settings changed.

    Args:
        preset: name of a preset; read only if there is no file.
        file: a recipe file.
        assignments: ``key=value`` each, dotted keys, YAML values.

    Raises:
        UserError: if the preset, the file, a setting or a value does not exist or does not fit.

    Example:
        >>> make_recipe("quick", assignments=["forget_ratios=[5, 10]"]).forget_ratios
        [5, 10]
    """
    if file is None:
        if preset not in preset_names():
            raise unknown("preset", preset, preset_names())
        data, source = read_yaml(_FOLDER / f"{preset}.yaml"), f"preset {preset!r}"
    else:
        data, source = read_yaml(file), f"recipe {file}"
    return parse_recipe(override(data, parse_assignments(assignments)), source)
