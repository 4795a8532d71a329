"""Protects: pyproject.toml declares exactly the distributions that the package imports."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def normalized(requirement: str) -> str:
    """The name of a requirement, as the packaging standard compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def imported_distributions() -> set[str]:
    """The distributions of all third-party modules that files of the package import."""
    modules = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules.add(node.module.split(".")[0])
    third_party = modules - set(sys.stdlib_module_names) - {"mllmu"}
    distributions = packages_distributions()
    return {normalized(distributions.get(module, [module])[0]) for module in third_party}


def declared(*extras: str) -> set[str]:
    optional = PROJECT["optional-dependencies"]
    requirements = [*PROJECT["dependencies"], *(each for extra in extras for each in optional[extra])]
    return {normalized(requirement) for requirement in requirements}


def test_every_import_is_declared() -> None:
    extras = ("endpoint", "gpu", "official", "tracking", "tune", "ray", "utility", "inspect")
    assert imported_distributions() - declared(*extras) == set()


def test_every_declared_dependency_is_imported() -> None:
    assert (
        declared("endpoint", "gpu", "tune", "ray", "utility", "inspect") - imported_distributions() == set()
    )


def test_every_declared_dependency_has_a_tested_version() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    constrained = {normalized(line) for line in lines if line and not line.startswith("#")}
    # inspect-ai wants an older fsspec than all others are tested with, and is installed without constraints.
    extras = ("endpoint", "gpu", "official", "tracking", "tune", "ray", "utility", "dev")
    assert declared(*extras) - {"mllmu"} - constrained == set()
