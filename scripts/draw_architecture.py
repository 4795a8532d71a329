"""Draw the rooms of the package and their imports into docs/architecture.md.

    python scripts/draw_architecture.py

Replaces what stands between the two markers in that file: a Mermaid graph and a table of the rooms.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "mllmu"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- begin: scripts/draw_architecture.py -->"
END = "<!-- end: scripts/draw_architecture.py -->"


def package_imports(file: Path) -> Iterator[str]:
    """Dotted names below ``mllmu`` that a file imports anywhere in it, e.g. ``models.loading.load_model``."""
    package = ["mllmu", *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("mllmu.") for name in names if name.startswith("mllmu."))


def rooms() -> dict[str, list[Path]]:
    """The folders of the package, in alphabetical order, with their Python files."""
    folders = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
    return {folder.name: sorted(folder.rglob("*.py")) for folder in folders}


def room_imports() -> dict[str, set[str]]:
    """For each room the other rooms that its files import."""
    files_of = rooms()
    imports = {}
    for room, files in files_of.items():
        names = {name.split(".")[0] for file in files for name in package_imports(file)}
        imports[room] = (names & set(files_of)) - {room}
    return imports


def bottom_up(imports: dict[str, set[str]]) -> list[str]:
    """The rooms, each after all rooms that it imports.

    Raises:
        ValueError: if rooms import each other in a circle.
    """
    order: list[str] = []
    while len(order) < len(imports):
        ready = [room for room in imports if room not in order and imports[room] <= set(order)]
        if not ready:
            raise ValueError(
                f"these rooms import each other in a circle: {sorted(set(imports) - set(order))}"
            )
        order.append(ready[0])
    return order


def direct(room: str, imports: dict[str, set[str]]) -> set[str]:
    """The rooms that a room imports, without those it also reaches through another one."""

    def reachable(start: str) -> set[str]:
        return imports[start].union(*(reachable(each) for each in imports[start]))

    through_others = {far for near in imports[room] for far in reachable(near)}
    return imports[room] - through_others


def purpose(file: Path) -> str:
    """The first line of a file's docstring."""
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]


def draw() -> str:
    """The graph and the tables, as Markdown."""
    imports = room_imports()
    order = bottom_up(imports)
    graph = [f"    {room} --> {below}" for room in reversed(order) for below in sorted(direct(room, imports))]
    table = [
        f"| `{room}` | {purpose(PACKAGE / room / '__init__.py')} "
        f"| {', '.join(f'`{each}`' for each in order if each in imports[room]) or '-'} |"
        for room in reversed(order)
    ]
    shared = [
        f"| `{file.stem}` | {purpose(file)} |"
        for file in sorted(PACKAGE.glob("*.py"))
        if not file.stem.startswith("__")
    ]
    return "\n".join(
        [
            "```mermaid",
            "graph TD",
            *graph,
            "```",
            "",
            "| room | purpose | imports |",
            "|---|---|---|",
            *table,
            "",
            "| module for all rooms | purpose |",
            "|---|---|",
            *shared,
        ]
    )


def updated(page: str) -> str:
    """The page with a fresh drawing between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{draw()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text("utf-8")), "utf-8")
