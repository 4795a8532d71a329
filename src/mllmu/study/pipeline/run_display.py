"""Showing how far a run is: bars in a terminal, plain lines in a log."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from typing_extensions import Self, override

_SECONDS_BETWEEN_LINES = 15.0


class Display:
    """What a run tells whoever waits for it, around the run as a context manager; this one shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def expect(self, stages: int) -> None:
        """Learn how many stages there are in all, as far as is known now."""

    def begin(self, title: str) -> None:
        """Learn that a stage starts."""

    def advance(self, done: int, total: int) -> None:
        """Learn how many of its steps the current stage has done."""

    def end(self, title: str) -> None:
        """Learn that the current stage is finished."""

    def skip(self, title: str) -> None:
        """Learn that a stage was done before."""


def make_display(console: Console) -> Display:
    """Bars if somebody watches, lines if the output goes to a file."""
    return BarDisplay(console) if console.is_terminal else LineDisplay(console)


class BarDisplay(Display):
    """Two bars: all stages, and the current one with the time it still needs."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            # Titles name models and folders, whose brackets are no markup.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._all = self._progress.add_task("stages", total=None)
        self._current = self._progress.add_task("", total=None, visible=False)

    @override
    def __enter__(self) -> Self:
        self._progress.start()
        return self

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.update(self._current, visible=False)
        self._progress.stop()

    @override
    def expect(self, stages: int) -> None:
        self._progress.update(self._all, total=stages)

    @override
    def begin(self, title: str) -> None:
        self._progress.reset(self._current, description=title, total=None, visible=True)

    @override
    def advance(self, done: int, total: int) -> None:
        self._progress.update(self._current, completed=done, total=total)

    @override
    def end(self, title: str) -> None:
        self._progress.update(self._current, visible=False)
        self._progress.advance(self._all)

    @override
    def skip(self, title: str) -> None:
        self._progress.advance(self._all)


class LineDisplay(Display):
    """A line when a stage starts and ends, and now and then one in between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stages = 0
        self._number = 0
        self._started = 0.0
        self._said = 0.0

    @override
    def expect(self, stages: int) -> None:
        self._stages = stages

    @override
    def begin(self, title: str) -> None:
        self._started = self._said = time.monotonic()
        self._say(self._number + 1, title)

    @override
    def advance(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said < _SECONDS_BETWEEN_LINES or not done:
            return
        self._said = now
        left = (now - self._started) / done * (total - done)
        self._say(self._number + 1, f"  {done} of {total}, about {left:.0f} s left")

    @override
    def end(self, title: str) -> None:
        self._number += 1
        self._say(self._number, f"{title}: {time.monotonic() - self._started:.1f} s")

    @override
    def skip(self, title: str) -> None:
        self._number += 1
        self._say(self._number, f"{title}: done before")

    def _say(self, number: int, text: str) -> None:
        line = f"[{number}/{self._stages}] {text}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
