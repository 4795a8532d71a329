"""What is left of a run that is killed, whose disk is full, or beside which another one works.

    python benchmarks/reliability.py
    python benchmarks/reliability.py --runs 20 --seed 1 --parts kill

A very small run goes through all kinds of stages. It is

- killed with SIGKILL at random moments, and started again each time;
- given a disk that fills up in the middle of every kind of stage, and space after that (which needs the right
  to mount a tmpfs);
- held still in every kind of stage while a second run tries the same folder; then run beside another run in
  another folder; and evaluated by two processes that share one store of answers.

Whatever is left is compared with what an undisturbed run left, byte for byte; only in manifests and in the
page seconds and memory do not count. Exit code 1 if anything was not as promised.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from reliability_disturbances import Tally, Undisturbed, fill_disks, kill, run_undisturbed, work_beside
from reliability_run import KINDS

console = Console(width=120)


class Part(str, Enum):
    """What is done to runs."""

    KILL = "kill"
    DISK = "disk"
    BESIDE = "beside"


def main(
    runs: Annotated[int, typer.Option(help="Runs that are killed three times each.", min=1)] = 6,
    seed: Annotated[int, typer.Option(help="Draws when they are killed.")] = 0,
    parts: Annotated[list[Part] | None, typer.Option(help="What is done; may be repeated.")] = None,
) -> None:
    """Disturb small runs, and count how often what is promised holds."""
    disturb: dict[Part, Callable[[Undisturbed, Tally], None]] = {
        Part.KILL: partial(kill, runs=runs, rng=random.Random(seed)),
        Part.DISK: fill_disks,
        Part.BESIDE: work_beside,
    }
    tallies = {part: Tally() for part in parts or Part}
    with tempfile.TemporaryDirectory() as folder:
        undisturbed = run_undisturbed(Path(folder) / "undisturbed")
        for part, tally in tallies.items():
            disturb[part](undisturbed, tally)
    kinds = Table("hit while", *(part.value for part in tallies), title="Disturbances")
    hit = {kind for tally in tallies.values() for kind in tally.happened}
    for kind in sorted(hit, key=lambda kind: (kind not in KINDS, [*KINDS, kind].index(kind))):
        kinds.add_row(kind, *(str(tally.happened[kind]) for tally in tallies.values()))
    kinds.add_row("in all", *(str(sum(tally.happened.values())) for tally in tallies.values()))
    console.print(kinds)
    promises = Table("part", "promise", "held", "of", title="What is promised")
    for part, tally in tallies.items():
        for promise, tried in tally.tried.items():
            promises.add_row(part.value, promise, str(tally.held[promise]), str(tried))
    console.print(promises)
    raise typer.Exit(int(any(tally.held != tally.tried for tally in tallies.values())))


if __name__ == "__main__":
    typer.run(main)
