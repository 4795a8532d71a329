"""How long making a stage takes, over all tries that a kill ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from mllmu.files import writing_to
from mllmu.progress import Progress

_FILE = "seconds"
_SECONDS_BETWEEN_NOTES = 5.0


class StageClock:
    """Counts the seconds of a stage, and notes them where unfinished work is kept to go on from.

    Nothing is noted before there is such work: a stage that begins anew takes what its last try takes.

    Args:
        scratch: the folder of unfinished work, which may not be there yet.
        clock: tells seconds.
    """

    def __init__(self, scratch: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = scratch / _FILE
        self._clock = clock
        self._before = _noted(self._file)
        self._started = self._noted_at = clock()

    def seconds(self) -> float:
        """Seconds so far, earlier tries included."""
        return self._before + self._clock() - self._started

    def watched(self, progress: Progress) -> Progress:
        """The same progress, which notes the time now and then."""

        def tell(done: int, total: int) -> None:
            if self._clock() - self._noted_at >= _SECONDS_BETWEEN_NOTES and self._file.parent.is_dir():
                with writing_to(self._file):
                    self._file.write_text(f"{self.seconds():.1f}", encoding="utf-8")
                self._noted_at = self._clock()
            progress(done, total)

        return tell


def _noted(file: Path) -> float:
    """What an earlier try noted; 0 where there was none, or the kill broke the note off."""
    try:
        return float(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0.0
