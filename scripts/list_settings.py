"""Write the tables of docs/recipes.md: every setting of a recipe, its default and what it means.

    python scripts/list_settings.py

Replaces what stands behind the marker in that file. Meanings are read off the ``Attributes`` of the class
that has the setting.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from mllmu.study.recipe.evaluation_settings import EvaluationSettings
from mllmu.study.recipe.recipe_settings import Recipe, SyntheticSettings
from mllmu.study.recipe.trajectory_settings import TrajectorySettings
from mllmu.training import LoraSettings, OptimizationSettings, TrainingSettings
from mllmu.unlearning import UnlearningSettings

PAGE = Path(__file__).parents[1] / "docs" / "recipes.md"
BEGIN = "<!-- what follows is written by scripts/list_settings.py -->\n"
_METHODS = (
    "every method that trains (a few have other defaults: `mllmu list methods`; "
    "some [refuse one](unlearning.md#settings-that-methods-refuse))"
)
TABLES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("A recipe", "", Recipe),
    ("The people to make", "Under `synthetic`.\n\n", SyntheticSettings),
    ("Training", f"Under `fine_tuning`, and under {_METHODS}.\n\n", OptimizationSettings),
    ("Fine-tuning", "Under `fine_tuning`.\n\n", TrainingSettings),
    ("Unlearning", f"Under {_METHODS}.\n\n", UnlearningSettings),
    ("Adapters", "Under `lora` of a training.\n\n", LoraSettings),
    ("Looks on the way", "Under `trajectory`.\n\n", TrajectorySettings),
    ("Asking and scoring", "Under `evaluation`.\n\n", EvaluationSettings),
)


def meanings(kind: type[BaseModel]) -> dict[str, str]:
    """What the attributes of a class mean, each on one line."""
    _, _, section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    texts: dict[str, list[str]] = {}
    for line in section.splitlines():
        if begun := re.match(r"    (\w+): (.*)", line):
            texts[begun[1]] = [begun[2]]
        elif texts and line.startswith("        "):
            texts[list(texts)[-1]].append(line.strip())
    return {name: " ".join(text).rstrip(".") for name, text in texts.items()}


def rows(kind: type[BaseModel]) -> Iterator[str]:
    """A row of Markdown for each setting that the class itself has, or gives another default."""
    classes = [each for each in reversed(kind.__mro__) if issubclass(each, BaseModel)]
    means = {name: text for each in classes for name, text in meanings(each).items()}
    parents = [parent.model_fields for parent in kind.__bases__ if issubclass(parent, BaseModel)]
    for name, field in kind.model_fields.items():
        default = "required" if field.is_required() else plain(field.get_default(call_default_factory=True))
        inherited = [fields[name] for fields in parents if name in fields]
        if all(plain(each.get_default(call_default_factory=True)) != default for each in inherited):
            text = means[name].replace("``", "`").replace("|", "\\|")
            values = ", ".join(f"`{value}`" for value in values_of(field.annotation))
            yield f"| `{name}` | {default} | {text}{f'; one of {values}' if values else ''} |"


def values_of(annotation: Any) -> list[Any]:
    """What a setting may be, where that is a few names."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for part in get_args(annotation) for value in values_of(part)]


def plain(default: Any) -> str:
    """A default as a recipe would write it; settings with a table of their own as such."""
    if isinstance(default, BaseModel):
        return "see below"
    return f"`{json.dumps(default)}`"


def tables() -> str:
    """All tables as Markdown."""
    parts = []
    for title, keys, kind in TABLES:
        heads = f"## {title}\n\n{keys}| setting | default | meaning |\n|---|---|---|"
        parts.append("\n".join([heads, *rows(kind)]))
    return "\n\n".join(parts) + "\n"


def updated(page: str) -> str:
    """The page with tables of the settings that there are."""
    start, marker, _ = page.partition(BEGIN)
    return f"{start}{marker}\n{tables()}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(updated(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
