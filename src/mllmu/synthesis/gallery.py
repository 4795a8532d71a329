"""Draw many portraits, on all CPU cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from mllmu.errors import UserError
from mllmu.progress import Progress
from mllmu.synthesis.portraits import Appearance, Pose, draw, render

# Below this many pixels in all, starting processes takes longer than drawing.
_WORTH_PROCESSES = 6_000_000
# Portraits that a process draws before it is given others.
_AT_ONCE = 8


@dataclass(frozen=True)
class Portrait:
    """One portrait to be drawn: appearance, view, and size in pixels."""

    appearance: Appearance
    pose: Pose
    width: int
    height: int


def draw_portrait(portrait: Portrait) -> bytes:
    """Draw one portrait as PNG."""
    return render(draw(portrait.appearance, portrait.pose), portrait.width, portrait.height)


def _draw_some(portraits: Sequence[Portrait]) -> list[bytes]:
    return [draw_portrait(each) for each in portraits]


def draw_portraits(portraits: Sequence[Portrait], progress: Progress | None = None) -> list[bytes]:
    """Draw portraits as PNG, in order.

    Args:
        portraits: which.
        progress: called with the portraits drawn and the portraits there will be.

    Raises:
        UserError: if a process that draws dies, as in a script that is not guarded against being run again.
    """
    processes = os.cpu_count() or 1
    pixels = sum(portrait.width * portrait.height for portrait in portraits)
    images: list[bytes] = []

    def add(some: list[bytes]) -> None:
        images.extend(some)
        if progress is not None:
            progress(len(images), len(portraits))

    if processes == 1 or pixels < _WORTH_PROCESSES:
        for portrait in portraits:
            add([draw_portrait(portrait)])
        return images
    # Processes, because resvg holds the interpreter lock; spawned, because forking a process that has
    # torch's threads can hang.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
    try:
        with _ignored_interrupts():  # processes that are started now ignore them for good
            starts = range(0, len(portraits), _AT_ONCE)
            drawn = [pool.submit(_draw_some, portraits[start : start + _AT_ONCE]) for start in starts]
        for some in drawn:
            add(some.result())
    except BrokenProcessPool as error:
        raise UserError(
            "A process that draws portraits ended before its time; a script that makes people needs its work "
            "under 'if __name__ == \"__main__\":', because each process reads it again, and memory for "
            f"{processes} processes."
        ) from error
    finally:
        try:
            with _ignored_interrupts():
                _end(pool)
        except KeyboardInterrupt:  # a second one, just before they were ignored
            _end(pool)
            raise
    return images


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool, whatever they were to do.

    They are not awaited, nor is their work cancelled, at which the thread that looks after them may fail.
    Python itself waits for that thread when it ends, and so for all of their work if they went on.
    """
    working = list((pool._processes or {}).values())
    pool.shutdown(wait=False)
    for process in working:
        process.terminate()


@contextmanager
def _ignored_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C, as processes that are started meanwhile do from their first line on."""
    if threading.current_thread() is not threading.main_thread():  # who alone may say what signals do
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
