"""What the reliability benchmark watches: a very small run of every kind of stage, in a process of its own.

A run says on standard error which stage begins and ends. A moment of it is one of these lines, and the time
that passes until the next one.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

RATIO = 50  # of 4 people
RECIPE = f"""\
benchmark: synthetic
synthetic: {{profiles: 4, celebrities: 1, holdout: 1, image_size: 64, test_image_size: 64, seed: 1}}
model: tiny
fine_tuning: {{max_steps: 4, batch_size: 4, learning_rate: 0.001}}
methods: {{npo: {{passes: 3, batch_size: 16, learning_rate: 0.001}}}}
forget_ratios: [{RATIO}]
trajectory: {{passes: [1, 2], people: 2}}
"""
# Kind of stage -> how its title begins. What is written between the last score and the report is no stage.
TITLES = {
    "people": "make ",
    "vanilla": "fine-tune vanilla",
    "retrained": "retrain ",
    "unlearned": "unlearn ",
    "asking": "ask ",
    "scoring": "score ",
    "results": "",
    "report": "write the report",
}
KINDS = tuple(TITLES)
STARTING, BETWEEN = "starting", "between stages"
_PROGRESS = re.compile(r"\[\d+/\d+\] ")
_LINE = re.compile(_PROGRESS.pattern + r"(?P<title>\S.*?)(?P<end>: [\d.]+ s|: done before)?")


@dataclass(frozen=True)
class Moment:
    """A stage has begun, or has ended.

    Attributes:
        title: of the stage.
        is_end: whether it has ended.
    """

    title: str
    is_end: bool = False

    @property
    def kind(self) -> str:
        """What is done from here on, one of `KINDS` or `BETWEEN`."""
        if self.is_end:
            return BETWEEN
        return next(kind for kind, title in TITLES.items() if title and self.title.startswith(title))


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: exit code; negative for a signal.
        lines: of standard error.
        moments: how far it came, with the seconds that each lasted.
    """

    code: int
    lines: Sequence[str]
    moments: Mapping[Moment, float]

    @property
    def messages(self) -> list[str]:
        """What it said besides how far it was."""
        return [line for line in self.lines if line and not _PROGRESS.match(line)]

    @property
    def is_refused_politely(self) -> bool:
        """Whether it ended with one sentence and exit code 2."""
        return self.code == 2 and len(self.messages) == 1 and self.messages[0].startswith("mllmu: ")


class Process:
    """One ``mllmu`` command in a process group of its own.

    Args:
        arguments: of the command.
        home: where it works, with a folder for temporary files.
    """

    def __init__(self, arguments: Sequence[str | Path], home: Path) -> None:
        temporary = temporary_folder(home)
        temporary.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mllmu", *map(str, arguments)],
            cwd=home,
            env={**os.environ, "TMPDIR": str(temporary), "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reached: dict[Moment, float] = {}

    def moments(self) -> Iterator[Moment]:
        """Its moments as they come, until it ends."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line.rstrip("\n"))
            found = _LINE.fullmatch(self._lines[-1])
            if found:
                moment = Moment(found["title"], bool(found["end"]))
                self._reached[moment] = time.monotonic()
                yield moment

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        os.killpg(self._process.pid, number)

    def wait(self) -> Ended:
        """Let it run to its end."""
        for _ in self.moments():
            pass
        code = self._process.wait()
        times = [*self._reached.values(), time.monotonic()]
        lasted = [after - before for before, after in pairwise(times)]
        return Ended(code, self._lines, dict(zip(self._reached, lasted, strict=True)))


def start_run(home: Path, out: Path) -> Process:
    """Start, or go on with, the small run."""
    recipe = home / "small.yaml"
    if not recipe.exists():
        recipe.write_text(RECIPE, encoding="utf-8")
    return Process(["run", "--recipe", recipe, "--out", out, "--device", "cpu"], home)


def of_kind(moments: Sequence[Moment], kind: str) -> list[Moment]:
    """The moments of a whole run in which a kind of work is done."""
    if kind == "results":
        return [moment for moment in moments if moment.title.startswith(TITLES["scoring"])][-1:]
    return [moment for moment in moments if moment.kind == kind]


def kind_reached(ended: Ended, whole: Sequence[Moment]) -> str:
    """What a process was doing when it ended, given the moments of a whole run."""
    if not ended.moments:
        return STARTING
    last = list(ended.moments)[-1]
    return "results" if [last] == of_kind(whole, "results") else last.kind


def temporary_folder(home: Path) -> Path:
    """Where processes put their temporary files."""
    return home / "temporary"
