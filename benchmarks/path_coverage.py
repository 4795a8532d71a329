"""How often nominal 95 % intervals at equal utility cover the truth, by simulation.

    python benchmarks/path_coverage.py --draws 500
    python benchmarks/path_coverage.py --draws 500 --icc 0.3 --questions 2

Simulated are models on their way (`PATHS`). Each question has a threshold, of which a part is its person's,
and is answered right while the state's rate lies above it; a fifth of it is drawn anew in every state. Tasks
differ in how easy they are. The truth is what the same reading makes of the rates themselves. Compared are
percentiles of resampled people, for the distance to retrained, and the intervals that the report has. The
last column says of how many intervals, where there are any. Exit code 1 if ours covers forget or the distance
less often than 93 % anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from scipy.special import expit, logit, ndtr

from mllmu.evaluation.scoring.bootstrap import LEVEL, Floats
from mllmu.evaluation.scoring.equal_utility import (
    Totals,
    Trajectory,
    compare_at_equal_utility,
    nearest_within_loss,
    utility_at_crossing,
)

PEOPLE = (10, 25)
LOSSES = (5.0, 15.0)
FLOOR = 0.93
#: Shares of a threshold that all states have in common.
COMMON = 0.8
#: How much easier than the mean three tasks are, asked of faces and of names, in logits.
EASE = np.tile([1.0, -0.5, -0.5], 2)

console = Console(width=140)


@dataclass(frozen=True)
class Path:
    """Mean rates in per cent, state after state: about people to forget, about those to keep, retrained."""

    forget: tuple[float, ...]
    utility: tuple[float, ...]
    retrained: float


PATHS = {
    "stops far away": Path((90, 85, 75, 65, 60, 58), (90, 90, 89, 88, 88, 87), 15),
    "loses utility": Path((93, 85, 70, 50, 30, 15), (90, 89, 87, 84, 80, 70), 15),
    "passes retrained": Path((93, 80, 60, 35, 15, 8), (92, 92, 91, 91, 90, 90), 20),
    "ends at retrained": Path((93, 80, 60, 40, 25, 20), (92, 92, 91, 91, 90, 90), 20),
    "forgets all": Path((95, 70, 30, 8, 3, 2), (96, 96, 96, 95, 95, 94), 5),
    "dips and comes back": Path((93, 75, 55, 35, 22, 18), (91, 88, 80, 74, 81, 84), 12),
    "forgets nothing": Path((98, 98, 98, 97, 97, 97), (98, 98, 98, 98, 98, 98), 5),
}


def main(
    draws: Annotated[int, typer.Option(help="Simulated evaluations per cell.", min=1)] = 500,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 0,
    icc: Annotated[float, typer.Option(help="Share of a threshold that is its person's.")] = 0.1,
    questions: Annotated[int, typer.Option(help="Of each person, task and modality.", min=1)] = 1,
) -> None:
    """Print coverage in per cent, and say by the exit code whether it suffices."""
    names = [f"{what} at −{loss:.0f}" for loss in LOSSES for what in ("forget", "distance")]
    cells = list(product(PATHS, PEOPLE))
    outcomes = {
        (path, people): coverage(PATHS[path], people, questions, icc, draws, np.random.default_rng(seed))
        for path, people in track(cells, "simulating", console=Console(stderr=True))
    }
    console.print(f"| the way | people | {' | '.join(names)} | utility at retrained |")
    console.print("| --- | ---: |" + " ---: |" * (len(names) + 1))
    for path, people in cells:
        found = outcomes[path, people]
        shown = [_shown(found, name) for name in names]
        crossed = found["utility"]
        last = f"{100 * np.mean(crossed):.0f} of {len(crossed)}" if crossed else "–"
        console.print(f"| {path} | {people} | {' | '.join(shown)} | {last} |")
    least = min(float(np.mean(found[name])) for found in outcomes.values() for name in names)
    console.print(f"Least coverage of ours: {100 * least:.1f} %.")
    raise typer.Exit(int(least < FLOOR))


def coverage(
    path: Path, people: int, questions: int, icc: float, draws: int, rng: np.random.Generator
) -> dict[str, list[bool]]:
    """By name of the interval, whether each simulated one contained the truth; only those that have ends."""
    rates = _rates(path.forget), _rates(path.utility), _rates((path.retrained,))
    forget, utility, retrained = (each.mean(axis=1) for each in rates)
    found: dict[str, list[bool]] = {"utility": []}
    truth = {
        loss: float(nearest_within_loss(forget[None], utility[None], retrained, loss)[0]) for loss in LOSSES
    }
    kept = float(utility_at_crossing(forget[None], utility[None], retrained)[0])
    edge = 100 * (1 - LEVEL) / 2
    for draw in range(draws):
        asked, first, second, there = (
            _answers(each, people, questions, icc, rng) for each in (rates[0], rates[1], rates[1], rates[2])
        )
        result = compare_at_equal_utility({0: Trajectory(asked, (first, second), there)}, LOSSES, draw)
        for loss in LOSSES:
            away = truth[loss] - float(retrained[0])
            at, distance = result.forget[loss], result.distance[loss]
            low, high = np.percentile(result.distances[loss][0][1:], [edge, 100 - edge])
            resampled = bool(low - 1e-9 <= away <= high + 1e-9)
            found.setdefault(f"forget at −{loss:.0f}", []).append(at.low <= truth[loss] <= at.high)
            found.setdefault(f"distance at −{loss:.0f}", []).append(distance.low <= away <= distance.high)
            found.setdefault(f"resampled distance at −{loss:.0f}", []).append(resampled)
        if result.utility is not None and not np.isnan([result.utility.low, kept]).any():
            found["utility"].append(result.utility.low <= kept <= result.utility.high)
    return found


def _shown(found: dict[str, list[bool]], name: str) -> str:
    """Coverage of ours, after that of percentiles where there are any."""
    resampled = found.get(f"resampled {name}")
    before = f"{100 * np.mean(resampled):.0f} / " if resampled else ""
    return f"{before}{100 * np.mean(found[name]):.1f}"


def _rates(means: tuple[float, ...]) -> Floats:
    """Rates of the tasks in both modalities, in per cent, [states, cells]."""
    return 100 * np.asarray(expit(logit(np.asarray(means) / 100)[:, None] + EASE), dtype=np.float64)


def _answers(rates: Floats, people: int, questions: int, icc: float, rng: np.random.Generator) -> Totals:
    """What simulated people give, from rates [states, cells]."""
    shape = (people, rates.shape[1], questions)
    own = np.sqrt(icc) * rng.standard_normal((people, 1, 1)) + np.sqrt(1 - icc) * rng.standard_normal(shape)
    anew = rng.standard_normal((len(rates), *shape))
    thresholds = ndtr(np.sqrt(COMMON) * own + np.sqrt(1 - COMMON) * anew)
    right = 100 * thresholds < rates[:, None, :, None]
    return Totals(100.0 * right.sum(axis=3), np.full(shape[:2], float(questions)))


if __name__ == "__main__":
    typer.run(main)
