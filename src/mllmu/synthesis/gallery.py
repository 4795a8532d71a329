"""Draw many portraits, on all CPU cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from mllmu.errors import UserError
from mllmu.synthesis.portraits import Appearance, Pose, draw, render

# Below this many pixels in all, starting processes takes longer than drawing.
_WORTH_PROCESSES = 6_000_000


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


def draw_portraits(portraits: Sequence[Portrait]) -> Iterator[bytes]:
    """Draw portraits as PNG, in order, each as soon as it and those before it are ready.

    Raises:
        UserError: if a process that draws dies, as in a script that is not guarded against being run again.
    """
    processes = os.cpu_count() or 1
    pixels = sum(portrait.width * portrait.height for portrait in portraits)
    if processes == 1 or pixels < _WORTH_PROCESSES:
        yield from map(draw_portrait, portraits)
        return
    # Processes, because resvg holds the interpreter lock; spawned, because forking a process that has
    # torch's threads can hang.
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            yield from pool.map(draw_portrait, portraits, chunksize=8)
    except BrokenProcessPool as error:
        raise UserError(
            "A process that draws portraits ended before its time; a script that makes people needs its work "
            "under 'if __name__ == \"__main__\":', because each process reads it again, and memory for "
            f"{processes} processes."
        ) from error
