"""How long a run still takes: its stages weighted by what they cost, and told without rising unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mllmu.report.provenance import duration
from mllmu.study.pipeline.forecast.time_estimate import Pace

_TOLERATED = 1.2
_TOLERATED_SECONDS = 5.0
"""So much longer than the clock says may an estimate be before a longer time is told."""
_SECONDS_TO_READ = 10.0
"""For so long it is told why."""
_DOUBTED = 0.5
"""A stage that by its own pace takes less than this share of what its like took has other steps to come."""


@dataclass(frozen=True)
class ExpectedStage:
    """A stage to come.

    Attributes:
        title: what it is called when it begins.
        kind: what is done.
        scale: what makes a unit of its work slow or fast.
        work: how much there is to do.
    """

    title: str
    kind: str
    scale: str
    work: float


class Countdown:
    """A time as it is told: it falls with the clock; small rises are waited for, and others are explained."""

    def __init__(self) -> None:
        self._left: float | None = None
        self._at = self._rose_at = 0.0
        self._reason = ""

    def tell(self, estimate: float, now: float, reason: str) -> tuple[str, str]:
        """What to tell of an estimate, and why it is more than was told before; empty if it is not.

        Args:
            estimate: seconds.
            now: seconds of the clock.
            reason: why it is more, if it is.
        """
        before = estimate if self._left is None else max(0.0, self._left - (now - self._at))
        if estimate > before * _TOLERATED + _TOLERATED_SECONDS:
            self._left, self._rose_at, self._reason = estimate, now, f" (more: {reason})"
        else:
            self._left = min(estimate, before)
        self._at = now
        is_new = now - self._rose_at < _SECONDS_TO_READ
        return f"about {duration(self._left)}", self._reason if is_new else ""


@dataclass
class Course:
    """A stage that is being done: since when, and how far it was first and is now.

    A stage may do one kind of step after another, such as choosing weights and then training them: each has a
    total of its own, or begins again, and is told as if it were alone.

    Attributes:
        started: when it began.
        first: when steps of this kind were first told, and how many were done then, as after a kill; None
            before.
        done: steps done.
        total: steps there are.
        at: when that was told.
    """

    started: float
    first: tuple[float, int] | None = None
    done: int = 0
    total: int = 0
    at: float = 0.0
    _countdown: Countdown = field(default_factory=Countdown, repr=False)

    def advance(self, done: int, total: int, now: float) -> None:
        """Learn how far it is."""
        is_another = self.first is not None and (total != self.total or done < self.done)
        if self.first is None or is_another:
            # What was done before a kill took no time now; a first step took all the time until now.
            since = self.at if is_another else self.started
            self.first, self._countdown = ((since, 0) if done == 1 else (now, done)), Countdown()
        self.done, self.total, self.at = done, total, now

    @property
    def share(self) -> float:
        """How much of it is done in this process; the rest was done before a kill."""
        return 1.0 if self.first is None or not self.total else 1 - self.first[1] / self.total

    def tell(self, now: float) -> str:
        """How long it still takes, in words; empty before that can be told."""
        left = self.left(now)
        if left is None:
            return ""
        shown, reason = self._countdown.tell(left, now, "it became slower")
        return f"{shown} left{reason}"

    def left(self, now: float) -> float | None:
        """Seconds it still needs by its own pace; None before that can be told."""
        if self.first is None or self.done <= self.first[1]:
            return None
        since, before = self.first
        of_a_step = (self.at - since) / (self.done - before)
        return max(0.0, of_a_step * (self.total - self.done) - min(now - self.at, of_a_step))


class RemainingTime:
    """Adds up what stages cost, by those of this run, else by runs in folders beside it, else by their like.

    The caller says when things happen, in seconds of one clock.
    """

    def __init__(self) -> None:
        self.courses: dict[str, Course] = {}
        self._pace = Pace({})
        self._coming: dict[str, ExpectedStage] = {}
        self._planned: dict[str, ExpectedStage] = {}
        self._spent: dict[tuple[str, str], tuple[float, float]] = {}
        self._countdown = Countdown()
        self._at_once = 1
        self._counted: set[str] = set()
        self._last = ""

    def plan(self, stages: Iterable[ExpectedStage], pace: Pace) -> None:
        """Learn what is to come, in place of what was planned before, and what such stages cost elsewhere."""
        self._pace = pace
        self._planned = {stage.title: stage for stage in stages}
        self._coming = {title: one for title, one in self._planned.items() if title not in self.courses}

    def begin(self, title: str, now: float) -> None:
        """Learn that a stage starts."""
        self.courses[title] = Course(now)
        self._coming.pop(title, None)
        self._at_once = max(self._at_once, len(self.courses))

    def end(self, title: str, now: float) -> float:
        """Learn that a stage is done, and tell how long it took."""
        course = self.courses.pop(title)
        took, self._last = now - course.started, title
        stage = self._planned.get(title)
        if stage is not None:
            seconds, work = self._spent.get((stage.kind, stage.scale), (0.0, 0.0))
            self._spent[stage.kind, stage.scale] = seconds + took, work + stage.work * course.share
        return took

    def drop(self, title: str) -> None:
        """Learn that a stage was given up, and will begin again."""
        del self.courses[title]
        if title in self._planned:
            self._coming[title] = self._planned[title]

    def skip(self, title: str) -> None:
        """Learn that a stage was done before."""
        self._coming.pop(title, None)

    def tell(self, now: float) -> str:
        """How long all of it still takes, in words; empty where nothing is known of what is to come."""
        pace = self._pace_now(now)
        running = [self._left_of(title, pace, now) for title in self.courses]
        coming = [
            (stage.kind, pace.seconds(stage.kind, stage.scale, stage.work)) for stage in self._coming.values()
        ]
        costs = [seconds for seconds in (*running, *(cost for _, cost in coming)) if seconds is not None]
        unknown = {kind for kind, cost in coming if cost is None}
        counted = {stage.kind for stage in self._planned.values()} - unknown
        if not costs or not self._planned:
            return ""
        longest = max((seconds for seconds in running if seconds is not None), default=0.0)
        at_once = max(1, min(self._at_once, len(self._coming) + len(self.courses)))
        estimate = max(longest, sum(costs) / at_once)
        left, reason = self._countdown.tell(estimate, now, self._reason(counted))
        self._counted |= counted
        missing = dict.fromkeys(stage.kind for stage in self._coming.values() if stage.kind not in counted)
        without = f", not counting {_listed(missing)}" if missing else ""
        return f"{left} left of the run{without}{reason}"

    def _reason(self, counted: set[str]) -> str:
        new = {kind: None for kind in sorted(counted - self._counted)}
        if new:
            return f"now with {_listed(new)}"
        return f"{next(iter(self.courses), self._last)} takes longer than expected"

    def _pace_now(self, now: float) -> Pace:
        """What stages cost, as far as is known now."""
        rates: dict[tuple[str, str], float] = {}
        for title, course in self.courses.items():
            stage, left = self._planned.get(title), course.left(now)
            if stage is not None and left is not None and stage.work > 0:
                rates[stage.kind, stage.scale] = (now - course.started + left) / (stage.work * course.share)
        spent = {key: seconds / work for key, (seconds, work) in self._spent.items() if work > 0}
        own = rates | spent
        return Pace({**self._likely(own), **own, **self._pace.seconds_per_unit, **spent})

    def _likely(self, own: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
        """For scales that were never timed, the pace of the others of their kind in this run.

        They are of the same model and device, and differ by what is asked of it, say letters.
        """
        likely = {}
        for stage in self._planned.values():
            if same := [rate for (kind, _), rate in own.items() if kind == stage.kind]:
                likely[stage.kind, stage.scale] = sum(same) / len(same)
        return likely

    def _left_of(self, title: str, pace: Pace, now: float) -> float | None:
        """Seconds by its own pace, and by its like where by its own it would end far too early.

        Its first steps may be quick ones of another kind, such as reading samples before they are learned.
        """
        course, stage = self.courses[title], self._planned.get(title)
        left, spent = course.left(now), now - course.started
        whole = None if stage is None else pace.seconds(stage.kind, stage.scale, stage.work * course.share)
        if whole is None or (left is not None and spent + left >= whole * _DOUBTED):
            return left
        return max(0.0, whole - spent)


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(kind.replace("_", " ") for kind in kinds)
