"""Showing how far a run is: bars in a terminal, plain lines in a log."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn, TimeRemainingColumn
from typing_extensions import Self

_SECONDS_BETWEEN_LINES = 15.0


class Display(Protocol):
    """What a run tells whoever waits for it; used as a context manager around the run."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def expect(self, stages: int) -> None:
        """Say how many stages there are in all, as far as is known now."""

    def begin(self, title: str) -> None:
        """A stage starts."""

    def advance(self, done: int, total: int) -> None:
        """The current stage has done so many of its steps."""

    def end(self, title: str) -> None:
        """The current stage is finished."""

    def skip(self, title: str) -> None:
        """A stage was done before."""


def make_display(console: Console) -> Display:
    """Bars if somebody watches, lines if the output goes to a file."""
    return BarDisplay(console) if console.is_terminal else LineDisplay(console)


class NoDisplay:
    """Says nothing; for callers that show progress themselves or not at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def expect(self, stages: int) -> None:
        """Ignore how many stages there are."""

    def begin(self, title: str) -> None:
        """Ignore that a stage starts."""

    def advance(self, done: int, total: int) -> None:
        """Ignore how far a stage is."""

    def end(self, title: str) -> None:
        """Ignore that a stage is finished."""

    def skip(self, title: str) -> None:
        """Ignore that a stage was done before."""


class BarDisplay:
    """Two bars: all stages, and the current one with the time it still needs."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self._all = self._progress.add_task("stages", total=None)
        self._current = self._progress.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.update(self._current, visible=False)
        self._progress.stop()

    def expect(self, stages: int) -> None:
        self._progress.update(self._all, total=stages)

    def begin(self, title: str) -> None:
        self._progress.reset(self._current, description=title, total=None, visible=True)

    def advance(self, done: int, total: int) -> None:
        self._progress.update(self._current, completed=done, total=total)

    def end(self, title: str) -> None:
        self._progress.update(self._current, visible=False)
        self._progress.advance(self._all)

    def skip(self, title: str) -> None:
        self._progress.advance(self._all)


class LineDisplay:
    """A line when a stage starts and ends, and now and then one in between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stages = 0
        self._number = 0
        self._started = 0.0
        self._said = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def expect(self, stages: int) -> None:
        self._stages = stages

    def begin(self, title: str) -> None:
        self._started = self._said = time.monotonic()
        self._say(self._number + 1, title)

    def advance(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said < _SECONDS_BETWEEN_LINES or not done:
            return
        self._said = now
        left = (now - self._started) / done * (total - done)
        self._say(self._number + 1, f"  {done} of {total}, about {left:.0f} s left")

    def end(self, title: str) -> None:
        self._number += 1
        self._say(self._number, f"{title}: {time.monotonic() - self._started:.1f} s")

    def skip(self, title: str) -> None:
        self._number += 1
        self._say(self._number, f"{title}: done before")

    def _say(self, number: int, text: str) -> None:
        self._console.print(f"[{number}/{self._stages}] {text}", markup=False, highlight=False, soft_wrap=True)
