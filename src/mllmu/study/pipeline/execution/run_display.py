"""Showing how far a run is: bars in a terminal, plain lines in a log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from typing_extensions import Self, override

from mllmu.processes import is_main_process
from mllmu.progress import Progress as Advance
from mllmu.study.pipeline.forecast.remaining_time import ExpectedStage, RemainingTime
from mllmu.study.pipeline.forecast.time_estimate import Pace

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

    def plan(self, stages: Sequence[ExpectedStage], pace: Pace) -> None:
        """Learn which stages are to come, in place of what was planned before, and what such ones cost."""

    def begin(self, title: str) -> None:
        """Learn that a stage starts."""

    def advance(self, title: str, done: int, total: int) -> None:
        """Learn how many of its steps a stage has done."""

    def progress_of(self, title: str) -> Advance:
        """What tells how many of its steps one stage has done."""
        return partial(self.advance, title)

    def end(self, title: str) -> None:
        """Learn that a stage is finished."""

    def drop(self, title: str) -> None:
        """Learn that a stage was given up, and will begin again."""

    def skip(self, title: str) -> None:
        """Learn that a stage was done before."""


def make_display(console: Console) -> Display:
    """Bars if somebody watches, lines if the output goes to a file; of several processes, the first shows."""
    if not is_main_process():
        return Display()
    return BarDisplay(console) if console.is_terminal else LineDisplay(console)


class BarDisplay(Display):
    """One bar for all stages, and one for each that is being done, with the time that is still needed."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            # Titles name models and folders, whose brackets are no markup.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=console,
        )
        self._all = self._progress.add_task("stages", total=None, left="")
        self._current: dict[str, TaskID] = {}
        self._time = RemainingTime()

    @override
    def __enter__(self) -> Self:
        self._progress.start()
        return self

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for title in list(self._current):
            self._remove(title)
        self._progress.stop()

    @override
    def expect(self, stages: int) -> None:
        self._progress.update(self._all, total=stages)

    @override
    def plan(self, stages: Sequence[ExpectedStage], pace: Pace) -> None:
        self._time.plan(stages, pace)

    @override
    def begin(self, title: str) -> None:
        self._current[title] = self._progress.add_task(title, total=None, left="")
        self._time.begin(title, time.monotonic())

    @override
    def advance(self, title: str, done: int, total: int) -> None:
        now, course = time.monotonic(), self._time.courses[title]
        course.advance(done, total, now)
        left = course.tell(now)
        self._progress.update(self._current[title], completed=done, total=total, left=left)
        self._progress.update(self._all, left=self._time.tell(now))

    @override
    def end(self, title: str) -> None:
        self._remove(title)
        now = time.monotonic()
        self._time.end(title, now)
        self._progress.update(self._all, advance=1, left=self._time.tell(now))

    @override
    def drop(self, title: str) -> None:
        self._remove(title)
        self._time.drop(title)

    @override
    def skip(self, title: str) -> None:
        self._time.skip(title)
        self._progress.advance(self._all)

    def _remove(self, title: str) -> None:
        self._progress.remove_task(self._current.pop(title))


@dataclass
class _Begun:
    """A stage that is being done: its number, and when a line last told of it."""

    number: int
    last_line: float


class LineDisplay(Display):
    """A line when a stage starts and ends, and now and then one in between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stages = 0
        self._number = 0
        self._current: dict[str, _Begun] = {}
        self._time = RemainingTime()

    @override
    def expect(self, stages: int) -> None:
        self._stages = stages

    @override
    def plan(self, stages: Sequence[ExpectedStage], pace: Pace) -> None:
        self._time.plan(stages, pace)

    @override
    def begin(self, title: str) -> None:
        self._number += 1
        now = time.monotonic()
        self._current[title] = _Begun(self._number, now)
        self._time.begin(title, now)
        self._say(self._number, title)

    @override
    def advance(self, title: str, done: int, total: int) -> None:
        now, stage = time.monotonic(), self._current[title]
        course = self._time.courses[title]
        course.advance(done, total, now)
        if now - stage.last_line < _SECONDS_BETWEEN_LINES or not done:
            return
        stage.last_line = now
        # With several at once it has to be said whose steps these are.
        of = f"{title}: " if len(self._current) > 1 else "  "
        parts = [f"{done} of {total}", course.tell(now), self._time.tell(now)]
        self._say(stage.number, of + ", ".join(part for part in parts if part))

    @override
    def end(self, title: str) -> None:
        stage = self._current.pop(title)
        self._say(stage.number, f"{title}: {self._time.end(title, time.monotonic()):.1f} s")

    @override
    def drop(self, title: str) -> None:
        del self._current[title]
        self._time.drop(title)
        self._number -= 1

    @override
    def skip(self, title: str) -> None:
        self._number += 1
        self._time.skip(title)
        self._say(self._number, f"{title}: done before")

    def _say(self, number: int, text: str) -> None:
        line = f"[{number}/{self._stages}] {text}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
