"""Protects the design: a room knows only the rooms below it, and files stay small enough to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "mllmu"
FILES = sorted(PACKAGE.rglob("*.py"))

# The ground floor first, as DESIGN.md draws the house; cellar modules lie beside the rooms and serve all.
ROOMS = (
    "benchmark",
    "synthesis",
    "models",
    "inference",
    "training",
    "unlearning",
    "evaluation",
    "report",
    "study",
    "cli",
)
CELLAR = ("errors", "files", "progress", "registry", "suggest")
LONGEST = 350


def imported(source: str, package: str) -> Iterator[str]:
    """Every module and name that a file imports, anywhere in it, as dotted names.

    Args:
        source: the file's text.
        package: the dotted package the file lies in, for relative imports.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def rises(source: str, room: str, package: str) -> list[str]:
    """What a file of a room, or of the cellar, imports from the package although it does not lie below."""
    below = {*CELLAR, *(ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else ())}
    own = [name for name in imported(source, package) if name.split(".")[0] == "mllmu"]
    return [name for name in own if [*name.split("."), ""][1] not in below]


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_folder_and_module_has_its_place() -> None:
    """A new room must be put on a floor before its imports can be judged."""
    assert {room_of(file) for file in FILES} == {*ROOMS, *CELLAR, "__init__"}


@pytest.mark.parametrize("room", [*ROOMS, *CELLAR])
def test_a_room_imports_only_from_rooms_below(room: str) -> None:
    """``mllmu/__init__.py`` alone stands outside: it offers the verbs of all rooms."""
    found = {}
    for file in (file for file in FILES if room_of(file) == room):
        package = ".".join(["mllmu", *file.relative_to(PACKAGE).parts[:-1]])
        if names := rises(file.read_text(encoding="utf-8"), room, package):
            found[str(file.relative_to(PACKAGE))] = names
    assert not found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from mllmu.training import fine_tune", ["mllmu.training.fine_tune"]),
        ("def late():\n    import mllmu.cli.main", ["mllmu.cli.main"]),
        ("from mllmu import study", ["mllmu.study"]),
        ("from ..report import names", ["mllmu.report.names"]),
        ("import mllmu", ["mllmu"]),
        ("from mllmu.benchmark import Profile\nfrom mllmu.errors import UserError", []),
        ("from . import prompts\nfrom .request import Request\nimport torch", []),
    ],
)
def test_imports_from_above_are_found(source: str, found: list[str]) -> None:
    """The rule itself, on a file of ``inference``: whole modules, late and relative imports included."""
    assert rises(source, "inference", "mllmu.inference") == found


def test_files_stay_small() -> None:
    """A file that grows past a few screens holds more than one idea."""
    lengths = {str(file.relative_to(PACKAGE)): len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert lengths and {name: length for name, length in lengths.items() if length > LONGEST} == {}
