"""mllmu: benchmark and workbench for multimodal machine unlearning.

The functions behind the command line, for Python; each is imported when it is first used.
"""

from __future__ import annotations

from typing import Any

import lazy_loader

_lazy_getattr, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Import a function on first use: torch takes seconds, and ``mllmu --help`` needs none of it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("mllmu")
    return _lazy_getattr(name)
