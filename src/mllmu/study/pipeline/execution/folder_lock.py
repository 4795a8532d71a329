"""One process at a time in one folder, and runs that may share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from mllmu.errors import UserError
from mllmu.study.pipeline.execution.leases import LEASE_PREFIX, Leases

_FOLDER, _RUN = "folder", "run-"


@contextmanager
def locked(folder: Path, waits: bool = False) -> Iterator[None]:
    """Make a folder and hold it for oneself; who is killed lets go of it, as of any lease.

    Args:
        folder: to work in.
        waits: until another process is done with it, however long that takes.

    Raises:
        UserError: if another process holds it and is not waited for, or nothing may be written there.
    """
    leases = Leases(folder)
    if waits:
        leases.wait_for(_FOLDER)
    elif not leases.claim(_FOLDER):
        raise UserError(f"another mllmu is working in {folder}; expected it to be finished first")
    try:
        yield
    finally:
        leases.release(_FOLDER)


@contextmanager
def joined(folder: Path, recipe: bytes) -> Iterator[None]:
    """Take part in the runs of one recipe in a folder; to be entered while the folder is locked.

    Args:
        folder: of the runs.
        recipe: the recipe file's content.

    Raises:
        UserError: if another recipe is being run there.
    """
    leases = Leases(folder)
    ours = f"{_RUN}{sha256(recipe).hexdigest()[:12]}-"
    leases.drop_dead()
    for file in sorted(folder.glob(f"{LEASE_PREFIX}{_RUN}*")):
        name = file.name.removeprefix(LEASE_PREFIX)
        if not name.startswith(ours) and leases.is_held(name):
            raise UserError(
                f"another mllmu is running another recipe in {folder}; expected it to be finished first, or "
                "another folder"
            )
    own = ours + token_hex(4)
    leases.claim(own)
    try:
        yield
    finally:
        leases.release(own)
    leases.drop_dead()  # of runs that were killed meanwhile
