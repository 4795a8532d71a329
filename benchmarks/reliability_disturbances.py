"""The three things that the reliability benchmark does to runs, and the count of what held."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from reliability_folder import bytes_of, compare, contents
from reliability_run import (
    KINDS,
    RATIO,
    Ended,
    Moment,
    Process,
    kind_reached,
    of_kind,
    start_run,
    temporary_folder,
)

KILLS_PER_RUN = 3
# A disk is so many times larger than what a run leaves.
_DISK = 10
# Bytes that are left free when a stage begins, as shares of what it leaves: half, if nothing else is said.
# An unlearning also keeps the state that it goes on from, which is larger than the model.
_FREE = {"unlearned": (0.5, 2.5, 3.5)}
_FINISHED = "finished later, and every file is as undisturbed"

progress = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody disturbed.

    Attributes:
        home: where it worked; runs of the same name are made in folders beside it.
        moments: all its moments in order, with the seconds that each lasted.
        files: see `contents`.
    """

    home: Path
    moments: Mapping[Moment, float]
    files: Mapping[str, str]

    def beside(self, name: str) -> Path:
        """A new folder beside it, to work in."""
        home = self.home.parent / name
        home.mkdir()
        return home

    def first(self, kind: str) -> Moment:
        """Its first moment of a kind."""
        return of_kind(list(self.moments), kind)[0]

    def stage(self, moment: Moment) -> Path:
        """The folder of the stage that began then."""
        (found,) = (
            path.parent
            for path in run_folder(self.home).glob("stages/*/manifest.json")
            if f'"title": "{moment.title}"' in path.read_text(encoding="utf-8")
        )
        return found

    def bytes_written(self, kind: str) -> int:
        """What its first stage of a kind takes of a disk."""
        run = run_folder(self.home)
        if kind == "results":
            return bytes_of(run / "results.parquet") + bytes_of(run / "person_scores.parquet")
        return bytes_of(self.stage(self.first(kind)))

    def reached(self, ended: Ended) -> str:
        """What a process was doing when it ended."""
        return kind_reached(ended, list(self.moments))


@dataclass
class Tally:
    """How often each promise held.

    Attributes:
        held: promise -> how often.
        tried: promise -> of how many.
        happened: what a run was doing when it was disturbed -> how often.
    """

    held: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)

    def note(self, promise: str, holds: bool, why: object) -> None:
        """Count a promise; where it does not hold, say why at once."""
        self.tried[promise] += 1
        self.held[promise] += int(holds)
        if not holds:
            progress.print(f"  NOT {promise}: {why}")

    def note_finished(self, undisturbed: Undisturbed, ended: Ended, home: Path) -> None:
        """Count what a run that was disturbed left in the end."""
        found = compare(run_folder(home), undisturbed.files)
        self.note(_FINISHED, not (ended.code or found.differing or found.missing), (found, ended))
        # Empty folders among the temporary files are left to the system: torch leaves one without a kill too.
        temporary = [str(path) for path in temporary_folder(home).rglob("*") if not path.is_dir()]
        left = [*found.left_over, *temporary]
        self.note("no other file is left in the end", not left, left)


def run_folder(home: Path) -> Path:
    """The folder of the run that works in a home."""
    return home / "run"


def run_undisturbed(home: Path) -> Undisturbed:
    """Run without a disturbance, to know what is to come out, and when what happens.

    Raises:
        SystemExit: if even that fails.
    """
    progress.print("an undisturbed run")
    home.mkdir()
    ended = start_run(home, run_folder(home)).wait()
    if ended.code:
        raise SystemExit("\n".join(ended.lines))
    progress.print(f"{sum(ended.moments.values()):.0f} s after it started its first stage")
    return Undisturbed(home, ended.moments, contents(run_folder(home)))


def kill(undisturbed: Undisturbed, tally: Tally, runs: int, rng: random.Random) -> None:
    """Kill runs at random moments, every kind of stage as often as the others, and let them go on."""
    kinds = [kind for _ in range(runs) for kind in rng.sample(KINDS, len(KINDS))]
    order = list(undisturbed.moments)
    for number in range(runs):
        home = undisturbed.beside(f"killed-{number}")
        chosen = kinds[number * KILLS_PER_RUN :][:KILLS_PER_RUN]
        for moment in sorted((rng.choice(of_kind(order, kind)) for kind in chosen), key=order.index):
            delay = rng.random() * undisturbed.moments[moment]
            ended = _kill_at(start_run(home, run_folder(home)), moment, delay)
            if ended.code != -signal.SIGKILL:
                progress.print(f"  too late for {moment.title}: it ended with {ended.code}")
                continue
            hit = undisturbed.reached(ended)
            tally.happened[hit] += 1
            found = compare(run_folder(home), undisturbed.files)
            progress.print(f"run {number + 1} of {runs}, killed while {hit}; left: {found.left_over[:3]}")
            tally.note("after a kill, what has its final name is whole", found.has_no_half_file, found)
        tally.note_finished(undisturbed, start_run(home, run_folder(home)).wait(), home)
        shutil.rmtree(home)


def _kill_at(process: Process, moment: Moment, delay: float) -> Ended:
    """Kill a process some seconds after it has reached a moment."""
    for reached in process.moments():
        if reached == moment:
            time.sleep(delay)
            process.signal(signal.SIGKILL)
            break
    return process.wait()


def fill_disks(undisturbed: Undisturbed, tally: Tally) -> None:
    """Fill the disks of runs up to some bytes when a kind of stage begins; make space and let them go on."""
    enough = _DISK * bytes_of(run_folder(undisturbed.home))
    for kind in KINDS:
        moment, needed = undisturbed.first(kind), undisturbed.bytes_written(kind)
        for share in _FREE.get(kind, (0.5,)):
            home = undisturbed.beside(f"disk-{kind}-{share}")
            with _disk(home, enough) as is_mounted:
                if not is_mounted:
                    progress.print("Full disks are left out: this user may not mount a tmpfs.")
                    return
                filler = home / "filler"
                ended = _fill_at(start_run(home, run_folder(home)), moment, filler, int(share * needed))
                if not ended.code:
                    progress.print(f"  {share * needed / 1e3:.0f} kB were enough for {kind}")
                    continue
                hit = undisturbed.reached(ended)
                tally.happened[hit] += 1
                found = compare(run_folder(home), undisturbed.files)
                progress.print(f"{share * needed / 1e3:.0f} kB were free, full while {hit}: {ended.messages}")
                is_told = ended.is_refused_politely and "disk is full" in ended.messages[0].lower()
                tally.note("a full disk is told in one sentence, with exit code 2", is_told, ended)
                tally.note("nothing half-written is left on it", found.is_sound, found)
                filler.unlink()
                tally.note_finished(undisturbed, start_run(home, run_folder(home)).wait(), home)


def _fill_at(process: Process, moment: Moment, filler: Path, free: int) -> Ended:
    """Leave so many bytes free on the disk of a file once a process has reached a moment."""
    for reached in process.moments():
        if reached == moment:
            process.signal(signal.SIGSTOP)
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(1, shutil.disk_usage(filler.parent).free - free))
            process.signal(signal.SIGCONT)
            break
    return process.wait()


@contextmanager
def _disk(folder: Path, size: int) -> Iterator[bool]:
    """A disk of so many bytes mounted on a folder; False where that is not permitted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    is_mounted = bool(shutil.which("mount")) and not subprocess.run(command, capture_output=True).returncode
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)


def work_beside(undisturbed: Undisturbed, tally: Tally) -> None:
    """Start a second run in a folder in which one is at work; two in two folders; two that share a store."""
    for kind in KINDS:
        home = undisturbed.beside(f"same-folder-{kind}")
        first = start_run(home, run_folder(home))
        for moment in first.moments():
            if moment == undisturbed.first(kind):
                break
        second = start_run(home, run_folder(home))
        ended = [process.wait() for process in (first, second)]
        progress.print(f"a second run, while the first is at {kind}: {[each.code for each in ended]}")
        tally.happened[kind] += 1
        tally.note("two runs in one folder both end well", not any(each.code for each in ended), ended)
        tally.note_finished(undisturbed, ended[1], home)
        shutil.rmtree(home)

    progress.print("two runs in two folders at once")
    homes = [undisturbed.beside(f"other-folder-{number}") for number in range(2)]
    both = [start_run(each, run_folder(each)) for each in homes]
    for process, home in zip(both, homes, strict=True):
        tally.note_finished(undisturbed, process.wait(), home)

    progress.print("two evaluations at once that share a store of answers, and one alone")
    alone = _start_evaluation(undisturbed, undisturbed.home, "asked").wait()
    whole = contents(undisturbed.home / "asked")
    home = undisturbed.beside("shared-store")
    names = ("first", "second")
    pair = [_start_evaluation(undisturbed, home, name) for name in names]
    for process, name in zip(pair, names, strict=True):
        ended, found = process.wait(), compare(home / name, whole)
        is_same = not (alone.code or ended.code) and found.is_whole
        tally.note("evaluations that share a store end as one alone", is_same, (found, ended))


def _start_evaluation(undisturbed: Undisturbed, home: Path, name: str) -> Process:
    people = undisturbed.stage(undisturbed.first("people")) / "benchmark"
    model = undisturbed.stage(undisturbed.first("vanilla")) / "model"
    options = ["--benchmark", people, "--model", model, "--forget", str(RATIO), "--device", "cpu"]
    return Process(["evaluate", *options, "--out", home / name], home)
