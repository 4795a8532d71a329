"""How often a nominal 95 % interval of a proportion covers the truth, by simulation.

    python benchmarks/interval_coverage.py --draws 4000
    python benchmarks/interval_coverage.py --draws 4000 --parts 6

A person's questions are right with a probability of their own, drawn from a beta distribution, so that
answers about one person correlate by `--icc`. Compared are resampling people (percentile interval of 1000
draws) and the interval that results have. With `--parts`, the number is the mean over so many tasks and
modalities, each with the questions of a row. Exit code 1 if ours covers less often than 93 % anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from rich.console import Console
from rich.progress import track

from mllmu.evaluation.scoring.bootstrap import DRAWS, LEVEL
from mllmu.evaluation.scoring.proportion import clustered_proportion

PEOPLE, QUESTIONS = (5, 10, 25, 75), (2, 5)
RATES = (0.02, 0.05, 0.1, 0.5, 0.9, 0.95, 0.98)
FLOOR = 0.93

console = Console(width=120)


@dataclass(frozen=True)
class Coverage:
    """Shares of simulated evaluations whose interval contained the true rate.

    Attributes:
        resampled: of the percentile interval from resampling people.
        ours: of `clustered_proportion`.
        width: mean width of ours, in points of 100.
    """

    resampled: float
    ours: float
    width: float


def main(
    draws: Annotated[int, typer.Option(help="Simulated evaluations per cell.", min=1)] = 2000,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 0,
    icc: Annotated[float, typer.Option(help="Correlation of answers about one person.")] = 0.1,
    parts: Annotated[int, typer.Option(help="Tasks and modalities that are averaged.", min=1)] = 1,
) -> None:
    """Print coverage in per cent, and say by the exit code whether it suffices."""
    rng = np.random.default_rng(seed)
    cells = list(product(PEOPLE, QUESTIONS, RATES))
    found = {
        cell: coverage(*cell, icc, parts, draws, rng)
        for cell in track(cells, "simulating", console=Console(stderr=True))
    }
    console.print(
        f"| people | questions | {' | '.join(f'{100 * rate:.0f} %' for rate in RATES)} | mean width |"
    )
    console.print("| ---: | ---: |" + " ---: |" * (len(RATES) + 1))
    for people, questions in product(PEOPLE, QUESTIONS):
        row = [found[people, questions, rate] for rate in RATES]
        shown = " | ".join(f"{100 * one.resampled:.0f} / {100 * one.ours:.1f}" for one in row)
        width = sum(one.width for one in row) / len(row)
        console.print(f"| {people} | {questions} | {shown} | {width:.0f} |")
    worst = min(found, key=lambda cell: found[cell].ours)
    least = found[worst].ours
    people, questions, rate = worst
    console.print(
        f"Least coverage of ours: {100 * least:.1f} % ({people} people, {questions} questions, rate {rate})."
    )
    raise typer.Exit(int(least < FLOOR))


def coverage(
    people: int, questions: int, rate: float, icc: float, parts: int, draws: int, rng: np.random.Generator
) -> Coverage:
    """Simulate evaluations of `people` people with `questions` in each of `parts`, `rate` of them right."""
    asked = questions * parts
    spread = (1 - icc) / icc
    chances = rng.beta(rate * spread, (1 - rate) * spread, size=(draws, people, 1))
    right = rng.random((draws, people, asked)) < chances
    # Intervals depend on how many of each person's questions are right; the order of people does not matter.
    counted = right.reshape(draws, people, questions, parts).sum(axis=2)
    found: dict[str, tuple[bool, bool, float]] = {}
    outcomes = []
    for one, counts in zip(right, counted, strict=True):
        key = str(sorted(counts.tolist()))
        if key not in found:
            found[key] = _covers(one, parts, rate, rng)
        outcomes.append(found[key])
    resampled, ours, width = np.asarray(outcomes, dtype=np.float64).mean(axis=0)
    return Coverage(float(resampled), float(ours), float(width))


def _covers(
    right: npt.NDArray[np.bool_], parts: int, rate: float, rng: np.random.Generator
) -> tuple[bool, bool, float]:
    """Whether the interval of either kind from answers [people, asked] contains the rate, and ours' width."""
    people, asked = right.shape
    edge = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(_resampled(right.mean(axis=1), rng), [edge, 100 - edge])
    names = np.repeat(np.arange(people), asked)
    part_of = np.tile(np.arange(asked) % parts, people)
    ours = clustered_proportion(100.0 * right.ravel(), list(names), list(part_of))
    return bool(low <= rate <= high), bool(ours.low <= 100 * rate <= ours.high), ours.high - ours.low


def _resampled(means: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Means over people drawn anew [DRAWS], each with all of their questions."""
    count = len(means)
    return rng.multinomial(count, np.full(count, 1 / count), size=DRAWS) @ means / count


if __name__ == "__main__":
    typer.run(main)
