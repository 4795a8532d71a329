"""Leases: who makes what in a folder that several processes share, perhaps on several machines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import SoftFileLease, Timeout

from mllmu.files import writing_to

LEASE_PREFIX = ".lease-"
LEASE_SECONDS = 60.0
"""How long a lease may go without a sign of life before another takes it; one and the same for everybody."""
_SECONDS_BETWEEN_SIGNS = 5.0


class Leases:
    """Leases on names, each a small file that names host, process and a random id, and shows signs of life.

    The files are those of `filelock.SoftFileLease`: made with ``O_CREAT | O_EXCL``, in which one machine
    alone succeeds, also on NFS, and kept by a thread that sets their time. Of a holder on the same machine
    the system says whether it lives. One elsewhere counts as dead when the time of its file, as the file
    system shows it, stands still for as long as a lease lasts, by the watcher's own clock: clocks of
    different machines are never compared. A holder that was only held up may thus be overtaken, so what is
    made under a lease has to bear being made twice.

    Args:
        folder: where the files lie; made when needed.
        seconds: how long a lease lasts without a sign of life.
    """

    def __init__(self, folder: Path, seconds: float = LEASE_SECONDS) -> None:
        self.folder = folder
        self._seconds = seconds
        # One object for each name, over all tries: only who has watched a file for long may call it dead.
        self._leases: dict[str, SoftFileLease] = {}

    def __contains__(self, name: str) -> bool:
        """Whether the lease is held by us, as far as we know."""
        return name in self._leases and self._leases[name].is_locked

    def claim(self, name: str) -> bool:
        """Take a lease, unless somebody else holds it who may be alive.

        Raises:
            UserError: if nothing may be written there, or the disk is full.
        """
        return self._acquire(name, 0.0)

    def wait_for(self, name: str) -> None:
        """Take a lease as soon as its holder gives it back or is dead. Errors as above."""
        self._acquire(name, -1)

    def release(self, name: str) -> None:
        """Give a lease back; nothing happens if it is not held, or was taken over meanwhile."""
        lease = self._leases.pop(name, None)
        if lease is not None:
            lease.release()

    def is_held(self, name: str) -> bool:
        """Whether somebody else alive holds a lease, told by their next sign of life, or its end."""
        before = self._last_sign(name)
        if self._acquire(name, 2 * self._seconds, lambda: self._last_sign(name) != before):
            self.release(name)
            return False
        return self._path(name).exists()

    def drop_dead(self) -> None:
        """Remove the files of holders that are seen to be dead."""
        for file in self.folder.glob(f"{LEASE_PREFIX}*"):
            name = file.name.removeprefix(LEASE_PREFIX)
            if self.claim(name):
                self.release(name)

    def _acquire(self, name: str, timeout: float, gives_up: Callable[[], bool] | None = None) -> bool:
        with writing_to(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                self._lease(name).acquire(timeout=timeout, poll_interval=0.2, cancel_check=gives_up)
            except Timeout:  # which is an error of the system to Python
                return False
        return True

    def _lease(self, name: str) -> SoftFileLease:
        if name not in self._leases:
            self._leases[name] = SoftFileLease(
                self._path(name),
                lease_duration=self._seconds,
                heartbeat_interval=min(_SECONDS_BETWEEN_SIGNS, self._seconds / 3),
                thread_local=False,
            )
        return self._leases[name]

    def _path(self, name: str) -> Path:
        return self.folder / f"{LEASE_PREFIX}{name}"

    def _last_sign(self, name: str) -> float | None:
        try:
            return self._path(name).stat().st_mtime
        except OSError:
            return None
