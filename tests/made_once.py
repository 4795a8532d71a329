"""What takes long to make and is only looked at: one of pytest's processes makes it for all of them."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` returns, made by the first process that asks; the same folder for all of them.

    Args:
        factory: of this session.
        name: of what is made, told apart by it.
        make: makes a folder that is not there yet, in which nothing may be changed; what it returns can be
            pickled.
    """
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    result = folder / "made.pickle"
    with FileLock(f"{folder}.lock"):
        if not result.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one who failed
            folder.mkdir()
            result.write_bytes(pickle.dumps(make(folder / "made")))
    made: Made = pickle.loads(result.read_bytes())
    return made
