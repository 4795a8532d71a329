"""Protects the design: a room knows only the rooms below it, and files stay small enough to read."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "mllmu"
SCRIPTS = ROOT / "scripts"
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
    "bridges",
    "cli",
)
CELLAR = (
    "errors",
    "files",
    "hub_access",
    "json_text",
    "markdown_text",
    "processes",
    "progress",
    "registry",
    "source_digest",
    "suggest",
    "memory_sizes",
    "visible_text",
    "yaml_reading",
)
LONGEST = 300
UNCLEAR_NAMES = {"found", "place", "where", "known", "kept", "told"}


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


def test_every_folder_and_module_has_its_floor() -> None:
    """A new room must be put on a floor before its imports can be judged."""
    assert {room_of(file) for file in FILES} == {*ROOMS, *CELLAR, "__init__", "__main__"}


@pytest.mark.parametrize("room", [*ROOMS, *CELLAR])
def test_a_room_imports_only_from_rooms_below(room: str) -> None:
    """``mllmu/__init__.py`` alone stands outside: it offers the verbs of all rooms."""
    rising = {}
    for file in (file for file in FILES if room_of(file) == room):
        package = ".".join(["mllmu", *file.relative_to(PACKAGE).parts[:-1]])
        if names := rises(file.read_text(encoding="utf-8"), room, package):
            rising[str(file.relative_to(PACKAGE))] = names
    assert not rising


@pytest.mark.parametrize(
    ("source", "expected"),
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
def test_imports_from_above_are_reported(source: str, expected: list[str]) -> None:
    """The rule itself, on a file of ``inference``: whole modules, late and relative imports included."""
    assert rises(source, "inference", "mllmu.inference") == expected


def test_files_stay_small() -> None:
    """A file that grows past a few screens holds more than one idea, be it code or the tests of it."""
    files = [
        file for name in ("src", "tests", "scripts", "benchmarks") for file in (ROOT / name).rglob("*.py")
    ]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in files}
    assert lengths and {name: length for name, length in lengths.items() if length > LONGEST} == {}


def import_graph(folder: Path, prefix: str) -> dict[str, set[str]]:
    """For each module below a folder the modules below it that it imports at module level or later.

    Args:
        folder: where dotted names start.
        prefix: dotted name of the folder itself, empty if it is no package.
    """
    files = {}
    for file in folder.rglob("*.py"):
        parts = [*([prefix] if prefix else []), *file.relative_to(folder).with_suffix("").parts]
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    graph: dict[str, set[str]] = {}
    for module, file in files.items():
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        names = list(imported(file.read_text("utf-8"), package))
        if (stub := file.with_suffix(".pyi")).exists():  # what a lazy package imports on first use
            names += imported(stub.read_text("utf-8"), package)
        # "from package import name" depends on the module `name` if there is one, else on the package.
        graph[module] = {name if name in files else name.rpartition(".")[0] for name in names} & set(files)
        graph[module].discard(module)
    return graph


@pytest.mark.parametrize(("folder", "prefix"), [(PACKAGE, "mllmu"), (SCRIPTS, "")])
def test_no_import_circles(folder: Path, prefix: str) -> None:
    """Modules that import each other cannot be read, tested or loaded one by one."""
    try:
        TopologicalSorter(import_graph(folder, prefix)).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_no_file_name_twice() -> None:
    """A file's name alone says which file is meant."""
    counts = Counter(file.name for file in FILES if file.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_public_class_name_twice() -> None:
    """A class's name alone says which class is meant."""
    counts = Counter(
        node.name
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in counts.items() if count > 1] == []


def names_given(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of every variable, parameter and attribute that a file defines or sets."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def test_names_given_are_all_reported() -> None:
    source = "found = 1\ndef f(place, *, where=2): ...\nclass C:\n    known: int\nC.kept = np.where(a, b)\n"
    assert {name for _, name in names_given(source)} >= {"found", "place", "where", "known", "kept"}
    assert [line for line, name in names_given(source) if name == "where"] == [2]


def test_names_say_what_they_hold() -> None:
    """``missing_ids`` or ``image_path`` tell a reader something, ``found`` and ``place`` do not."""
    unclear = [
        f"{file.relative_to(PACKAGE)}:{line} {name}"
        for file in FILES
        for line, name in names_given(file.read_text("utf-8"))
        if name in UNCLEAR_NAMES
    ]
    assert unclear == []


def test_drawing_is_up_to_date() -> None:
    """``docs/architecture.md`` shows the imports as they are; else run the script."""
    script = (
        "import draw_architecture as drawing; page = drawing.PAGE.read_text('utf-8'); "
        "assert drawing.updated(page) == page, 'run: python scripts/draw_architecture.py'"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=SCRIPTS)
