"""mllmu: benchmark and workbench for multimodal machine unlearning.

The verbs of the command line, for Python; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllmu.benchmark import load_benchmark, write_benchmark
    from mllmu.errors import UserError
    from mllmu.models import load_model, save_model
    from mllmu.study import Recipe, evaluate, make_recipe, run, train, unlearn
    from mllmu.synthesis import synthesize

__all__ = [
    "Recipe",
    "UserError",
    "evaluate",
    "load_benchmark",
    "load_model",
    "make_recipe",
    "run",
    "save_model",
    "synthesize",
    "train",
    "unlearn",
    "write_benchmark",
]

_ROOMS = {
    "Recipe": "mllmu.study",
    "UserError": "mllmu.errors",
    "evaluate": "mllmu.study",
    "load_benchmark": "mllmu.benchmark",
    "load_model": "mllmu.models",
    "make_recipe": "mllmu.study",
    "run": "mllmu.study",
    "save_model": "mllmu.models",
    "synthesize": "mllmu.synthesis",
    "train": "mllmu.study",
    "unlearn": "mllmu.study",
    "write_benchmark": "mllmu.benchmark",
}


def __getattr__(name: str) -> Any:
    """Import a name's room on first use: torch takes seconds, and ``mllmu --help`` needs none of it."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'mllmu' has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    """The names that are offered, imported or not."""
    return sorted(__all__)
