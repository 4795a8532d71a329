"""Digests of source code, so that a stage whose code changed is done anew."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any

from mllmu.errors import UserError

_BEGAN = time.time()
"""When this process began to import, in seconds since 1970."""
_OWN = Path(__file__).parent
_STANDARD = Path(sysconfig.get_paths()["stdlib"])
_seen: dict[Path, float] = {}
"""When each file had been changed last, when it was first looked at."""


def source_digest(*names: str, without: tuple[str, ...] = ()) -> str:
    """Hex digest of 16 digits of everything that lies in packages and modules.

    Python is compared by its syntax tree, so that comments, docstrings and layout do not count; another
    version of Python may draw the tree otherwise, and results are then made anew. Other files count by their
    bytes.

    Args:
        names: dotted names of packages, with all that lies in them, and of modules.
        without: dotted names of packages and modules in them that do not count.

    Raises:
        UserError: a file was changed meanwhile, so that what this process imported is not what lies there:
            one of mllmu since the process began, another one since its first digest.
    """
    for path in (path for name in names for path in _files(name)):
        _require_unchanged(path)
    return _digest(names, without)


@cache
def _digest(names: tuple[str, ...], without: tuple[str, ...]) -> str:
    left_out = {path for name in without for path in _files(name)}
    digest = sha256()
    for name in names:
        for path in _files(name):
            if path not in left_out:
                digest.update(f"{name}/{path.name}\0".encode() + _content(path) + b"\0")
    return digest.hexdigest()[:16]


def plugin_digest(plugin: object, home: str) -> str:
    """Hex digest of the source behind an entry of a registry: its module, and what that imports of its own.

    Its own is what lies in the same package, what came with the same distribution, and what stands beside it
    in a folder that is not the one where everything is installed.

    Args:
        plugin: a class or a function, a partial of one, or an object whose class's module is meant.
        home: the package in which entries of its kind lie here, e.g. ``mllmu.unlearning.methods``.

    Raises:
        OSError: the source cannot be read.
        UserError: it was changed meanwhile; see `source_digest`.
    """
    if isinstance(plugin, partial):
        given = re.sub(r" at 0x[0-9a-f]+", "", repr((plugin.args, sorted(plugin.keywords.items()))))
        return sha256(f"{plugin_digest(plugin.func, home)} {given}".encode()).hexdigest()[:16]
    kind: Any = plugin if isinstance(plugin, (type, FunctionType)) else type(plugin)
    name = kind.__module__
    if not getattr(sys.modules.get(name), "__file__", None):  # defined in a notebook
        return sha256(inspect.getsource(kind).encode()).hexdigest()[:16]
    homes = (home,) if name.startswith("mllmu.") else (home, *_neighbours(name.split(".")[0]))
    return source_digest(*sorted(_closure(name, homes)))


@cache
def _neighbours(top: str) -> tuple[str, ...]:
    """A package or module that lies at the top, and those that came with it or stand beside it."""
    owners = packages_distributions()
    together = {name for name, of in owners.items() if set(of) & set(owners.get(top, ()))}
    path = _module_file(top)
    if path is not None:
        folder = path.parent.parent if path.name == "__init__.py" else path.parent
        # There lies everything that is installed.
        if folder.name not in ("site-packages", "dist-packages") and not folder.is_relative_to(_STANDARD):
            together |= {one.stem for one in folder.glob("*.py")}
            together |= {one.parent.name for one in folder.glob("*/__init__.py")}
    return tuple(sorted({top, *together} - {"mllmu"}))


def _closure(start: str, homes: Sequence[str]) -> set[str]:
    """A module, and the modules of its homes that it imports directly or by way of others."""
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        path = _module_file(name)
        if path is not None:
            waiting += [one for one in _imports(path, name) if _is_in(one, homes) and _module_file(one)]
    return reached


def _imports(path: Path, name: str) -> Iterator[str]:
    """Dotted names of what a file imports; some name an object in a module instead of a module."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _is_in(name: str, homes: Sequence[str]) -> bool:
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def _module_file(name: str) -> Path | None:
    """The file of a module; None where there is no such module."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded:
        return Path(loaded)
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None


@cache
def _files(name: str) -> tuple[Path, ...]:
    """The files of a package with all that lies in it, or the one of a module, always in the same order."""
    path = _module_file(name)
    if path is None:
        raise ModuleNotFoundError(f"there is no module {name!r} whose source could be read")
    if path.name != "__init__.py":
        return (path,)
    named = {each.relative_to(path.parent): each for each in path.parent.rglob("*")}
    # What Python keeps beside sources has other names while another process writes it.
    lasting = (name for name in named if "__pycache__" not in name.parts)
    sources = (name for name in lasting if name.suffix not in (".pyc", ".pyi") and named[name].is_file())
    return tuple(named[name] for name in sorted(sources, key=Path.as_posix))


def _require_unchanged(path: Path) -> None:
    """Today's digest would stand for results of code that was imported yesterday."""
    changed = path.stat().st_mtime
    # A time to come is of a clock that goes ahead, and says nothing.
    is_newer = path.is_relative_to(_OWN) and _BEGAN < changed <= time.time()
    if is_newer or _seen.setdefault(path, changed) != changed:
        raise UserError(
            f"{path} was changed while it was in use; expected source code that stays as it is. Start again: "
            "what is finished still counts where its code is the same."
        )


@cache
def _content(path: Path) -> bytes:
    if path.suffix != ".py":
        return path.read_bytes()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            _drop_docstring(node)
    return ast.dump(tree).encode()


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        node.body = node.body[1:]
