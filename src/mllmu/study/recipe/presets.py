"""Recipes that come with the package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mllmu.errors import UserError
from mllmu.study.recipe.recipe_settings import Recipe, parse_recipe, read_yaml
from mllmu.study.recipe.setting_overrides import override, parse_assignments
from mllmu.suggest import unknown

DEFAULT_PRESET = "quick"
_FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """The names that ``--preset`` takes."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def make_recipe(
    preset: str | None = None, file: Path | None = None, assignments: Iterable[str] = ()
) -> Recipe:
    """A recipe from a preset or a file, with single settings changed.

    Args:
        preset: name of a preset; `DEFAULT_PRESET` where neither it nor a file is given.
        file: a recipe file, in place of a preset.
        assignments: ``key=value`` each, dotted keys, YAML values.

    Raises:
        UserError: if both a preset and a file are given, or the preset, the file, a setting or a value does
            not exist or does not fit.

    Example:
        >>> make_recipe("quick", assignments=["forget_ratios=[5, 10]"]).forget_ratios
        [5, 10]
    """
    if file is not None and preset is not None:
        raise UserError(f"preset '{preset}' and recipe {file} are both given; expected one of them")
    if file is None:
        preset = preset or DEFAULT_PRESET
        if preset not in preset_names():
            raise unknown("preset", preset, preset_names())
        data, source = read_yaml(_FOLDER / f"{preset}.yaml"), f"preset {preset!r}"
    else:
        data, source = read_yaml(file), f"recipe {file}"
    return parse_recipe(override(data, parse_assignments(assignments)), source)
