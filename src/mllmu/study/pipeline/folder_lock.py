"""One run at a time in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mllmu.errors import UserError


@contextmanager
def locked(folder: Path, waits: bool = False) -> Iterator[None]:
    """Make a folder and hold it for oneself; the system lets go of it even if the process is killed.

    Args:
        folder: to work in.
        waits: until another process is done with it, however long that takes.

    Raises:
        UserError: if another process holds it and is not waited for, or nothing may be written there.
    """
    lock = FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=-1 if waits else 0)
    except Timeout:
        raise UserError(f"another mllmu is working in {folder}; expected it to be finished first") from None
    except OSError as error:
        raise UserError(f"{folder} cannot be worked in: {error.strerror or error}") from None
    try:
        yield
    finally:
        lock.release()
