"""Does it matter what is unlearned on? Read off the trajectories of a finished run.

    mllmu run --preset finding --out runs/finding
    python scripts/modality_finding.py runs/finding
    python scripts/modality_finding.py runs/finding runs/finding_answer --ratio 15 --seed 0

The last is with the echoed name left out of what is unlearned, and with it: of two runs, what the second
leaves more than the first is shown as well.

MLLMU-Bench (arXiv 2410.22108) reports that unlearning on text does better in generation and cloze, on
image + text in classification with images. Here models are compared where they have lost equally much
utility: 5 and 15 points below vanilla, or as much as all ways have lost in the end, which is shown. A
person's number is the mean over methods, seeds and forget ratios; people's differences are tested by turning
their signs around, from 25 people on by resampling, and adjusted over all tables together (Holm).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation import Difference, accuracy_metrics, get_protocol, holm
from mllmu.evaluation.scoring.comparison import paired_difference
from mllmu.evaluation.scoring.matched_utility import at_position, common_loss, position_at_loss
from mllmu.report.names import UTILITY_SETS
from mllmu.report.tables.equal_utility_table import LOSSES

WAYS = ("image_text", "text", "both")
ASKED = {"image_text": "by face", "text": "by name"}
_BOOTSTRAP_SEED = 0


@dataclass(frozen=True)
class Table:
    """One run at one tolerated loss.

    Attributes:
        title: what was run, and the loss.
        loss: points of utility below vanilla.
        losses: points that every way has lost where it is read, one for each method, ratio and seed.
        accuracy: asked, task -> per cent of right answers of vanilla, retrained, and unlearned on each way.
        differences: (asked, task) -> text minus image + text.
    """

    title: str
    loss: float
    losses: list[float]
    accuracy: pd.DataFrame
    differences: dict[tuple[str, str], Difference]

    @property
    def shown(self) -> list[str]:
        """The columns of accuracies in order."""
        return [name for name in ("vanilla", "retrained", *WAYS) if name in self.accuracy]


def read_accuracies(folder: Path, ratio: int | None = None, seed: int | None = None) -> pd.DataFrame:
    """A run's accuracies on the way, a state, person and cell a row; of one ratio or seed, or of all (None).

    Raises:
        UserError: if the folder has none, or none of that ratio and seed.
    """
    file = folder / "trajectory.parquet"
    if not file.is_file():
        raise UserError(f"{folder} has no trajectory.parquet; expected a finished run with a trajectory")
    frame = pd.read_parquet(file)
    protocol, *others = frame["protocol"].unique()
    if others:
        raise UserError(f"{folder} was asked by {len(others) + 1} protocols; expected a run of one")
    wanted = {(task.value, metric) for task, metric in accuracy_metrics(get_protocol(protocol)).items()}
    is_wanted = [pair in wanted for pair in zip(frame["task"], frame["metric"], strict=True)]
    frame = frame[is_wanted].rename(columns={"modality": "asked"})
    frame = frame[frame["further_steps"] == ""]
    for name, only in (("forget_ratio", ratio), ("seed", seed)):
        frame = frame if only is None else frame[frame[name] == only]
    if frame.empty:
        raise UserError(f"{folder} has no trajectory of that ratio and seed; expected those that were run")
    return frame


def utility_of(rows: pd.DataFrame) -> np.ndarray:
    """Utility of each state in order: the mean over cells of the mean over questions."""
    kept = rows[rows["eval_set"].isin(UTILITY_SETS)]
    totals = kept.assign(total=kept["value"] * kept["n"])
    cells = totals.groupby(["passes", "eval_set", "asked", "task"])[["total", "n"]].sum()
    means = (cells["total"] / cells["n"]).groupby(["passes", "eval_set"]).mean().groupby("passes").mean()
    return means.sort_index().to_numpy()


def forget_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Accuracy about each person to forget in each cell, a column per state in order."""
    about = rows[rows["eval_set"] == "forget"]
    return about.pivot_table(values="value", index=["asked", "task", "profile_id"], columns="passes")


@dataclass(frozen=True)
class Trajectory:
    """What one method left on its way, vanilla first.

    Attributes:
        utility: [states] in points.
        forget: accuracy about each person to forget in each cell, a column per state.
    """

    utility: np.ndarray
    forget: pd.DataFrame

    def people_at(self, loss: float) -> pd.DataFrame:
        """Accuracy about each person in each cell where so much was lost for the last time."""
        values = at_position(self.forget.to_numpy().T, position_at_loss(self.utility, loss))
        return pd.Series(values, index=self.forget.index, name="value").reset_index()


Model = tuple[str, int, int]
"""A method, a forget ratio and a seed."""
Run = Mapping[Model, Mapping[str, Trajectory]]
"""All trajectories, by what was unlearned on."""


def trajectories(frame: pd.DataFrame) -> dict[Model, dict[str, Trajectory]]:
    """The trajectories of every method, ratio and seed, by what was unlearned on.

    Raises:
        UserError: if a method was not unlearned in every way, under every ratio and with every seed, or not
            on text and on image + text, which are compared.
    """
    trained = frame[(frame["model"] == "unlearned") & frame["passes"].notna()]
    ways = [way for way in WAYS if way in set(trained["unlearn_modality"])]
    if missing := [way for way in ("text", "image_text") if way not in ways]:
        raise UserError(f"no method was unlearned on {' or '.join(missing)}; expected text and image_text")
    every: dict[Model, dict[str, Trajectory]] = {}
    for method in sorted(set(trained["method"])):
        for (ratio, seed), own in frame.groupby(["forget_ratio", "seed"]):
            vanilla = own[own["model"] == "vanilla"].assign(passes=0.0)
            for way in ways:
                unlearned = own[(own["method"] == method) & (own["unlearn_modality"] == way)]
                if unlearned.empty or vanilla.empty:
                    raise UserError(
                        f"{method} on {way} has no trajectory at {ratio} % with seed {seed}; expected every "
                        "method on every way, under every ratio and with every seed"
                    )
                states = pd.concat([vanilla, unlearned])
                one = Trajectory(utility_of(states), forget_of(states))
                every.setdefault((method, int(ratio), int(seed)), {})[way] = one
    return every


def common_losses(runs: Sequence[Run], loss: float) -> dict[Model, float]:
    """How much is lost on every way of all runs where they are compared: `loss`, or less."""
    shared = sorted(set.intersection(*(set(run) for run in runs)))
    return {
        model: common_loss([one.utility for run in runs for one in run[model].values()], loss)
        for model in shared
    }


def ways_of_all(runs: Sequence[Run]) -> list[str]:
    """What every run unlearned on, in order."""
    return [way for way in WAYS if all(way in one for run in runs for one in run.values())]


def people_at(run: Run, losses: Mapping[Model, float]) -> pd.DataFrame:
    """Accuracy about each person in each cell, a row per unlearned model."""
    ways = [(way, one, loss) for model, loss in losses.items() for way, one in run[model].items()]
    return pd.concat([one.people_at(loss).assign(way=way) for way, one, loss in ways], ignore_index=True)


def reference(frame: pd.DataFrame, model: str) -> pd.Series:
    """Accuracy of a model that did not unlearn, in each cell: the mean over people."""
    rows = frame[(frame["model"] == model) & (frame["eval_set"] == "forget")]
    of_person = rows.groupby(["asked", "task", "profile_id"])["value"].mean()
    return of_person.groupby(["asked", "task"]).mean()


def make_table(frame: pd.DataFrame, run: Run, title: str, loss: float) -> Table:
    """Compare the ways at one loss of utility; the run's trajectories are those of the frame."""
    losses = common_losses([run], loss)
    people = people_at(run, losses)
    of_person = people.groupby(["asked", "task", "way", "profile_id"])["value"].mean()
    by_way = of_person.groupby(["asked", "task", "way"]).mean().unstack()
    accuracy = pd.DataFrame({name: reference(frame, name) for name in ("vanilla", "retrained")}).join(by_way)
    differences = {cell: compare_ways(rows) for cell, rows in people.groupby(["asked", "task"])}
    return Table(
        f"{title}, {loss:.0f} points below vanilla", loss, list(losses.values()), accuracy, differences
    )


def compare_ways(rows: pd.DataFrame) -> Difference:
    """Text minus image + text, paired by person."""
    of_person = rows.groupby(["profile_id", "way"])["value"].mean().unstack()
    sides = of_person["text"], of_person["image_text"]
    return paired_difference(*sides, list(of_person.index), _BOOTSTRAP_SEED, bounds=(-100, 100))


def said_of_losses(losses: Sequence[float], loss: float) -> str:
    """How much is lost where the ways are compared."""
    whole = f"{sum(one >= loss for one in losses)} of {len(losses)} methods, ratios and seeds"
    return (
        f"Every way has lost {loss:.0f} points for {whole}, and for others as much as the way that lost "
        f"least has in the end: on average {np.mean(losses):.1f} points."
    )


def compare_runs(runs: Sequence[Run], losses: Mapping[Model, float]) -> Iterator[list[str]]:
    """The second run minus the first, paired by person: a row for each cell, a column for each way."""
    keys = ["asked", "task", "profile_id", "way"]
    sides = [people_at(run, losses).groupby(keys)["value"].mean() for run in runs]
    paired = pd.concat(sides, axis=1, keys=["first", "second"]).dropna()
    for (asked, task), cell in paired.groupby(["asked", "task"]):
        shown = []
        for way in ways_of_all(runs):
            rows = cell[cell.index.get_level_values("way") == way]
            people = list(rows.index.get_level_values("profile_id"))
            values = rows["second"], rows["first"]
            one = paired_difference(*values, people, _BOOTSTRAP_SEED, bounds=(-100, 100))
            shown.append(with_ends(one))
        yield [f"{task} {ASKED[str(asked)]}", *shown]


def with_ends(difference: Difference) -> str:
    """A difference with its 95 % interval, as in all tables."""
    return f"{difference.value:+.1f} [{difference.low:+.1f}, {difference.high:+.1f}]"


def verdict(asked: str, task: str, difference: Difference, p_value: float) -> str:
    """What the numbers say to the paper's claim about a cell."""
    if task == "classification" and asked == "text":
        return "no claim"
    if not p_value < 0.05:
        return "not decided"
    text_should_win = task != "classification"
    return "agrees" if (difference.value < 0) == text_should_win else "contradicts"


def rows_of(table: Table, adjusted: dict[tuple[str, str], float]) -> Iterator[list[str]]:
    """One row per way of asking and task."""
    for cell, difference in table.differences.items():
        known = table.accuracy.loc[cell]
        numbers = [f"{known[name]:.0f}" for name in table.shown]
        asked, task = cell
        yield [
            f"{task} {ASKED[asked]}",
            *numbers,
            with_ends(difference),
            f"{adjusted[cell]:.3g}",
            verdict(asked, task, difference, adjusted[cell]),
        ]


def markdown(lines: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first as its head."""
    head, *rows = lines
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path, help="folders of finished runs")
    parser.add_argument("--ratio", type=int, help="look at this forget ratio alone")
    parser.add_argument("--seed", type=int, help="look at this seed alone")
    arguments = parser.parse_args()
    try:
        frames = {one: read_accuracies(one, arguments.ratio, arguments.seed) for one in arguments.runs}
        runs = {folder: trajectories(frame) for folder, frame in frames.items()}
    except UserError as error:
        parser.exit(2, f"{error}\n")
    tables = [
        make_table(frame, runs[folder], str(folder), loss)
        for folder, frame in frames.items()
        for loss in LOSSES
    ]
    p_values = iter(holm([each.p_value for table in tables for each in table.differences.values()]))
    for table in tables:
        adjusted = {cell: next(p_values) for cell in table.differences}
        people = {each.n_people for each in table.differences.values()}
        print(f"\n## {table.title}: right answers about {max(people)} people to forget, in per cent\n")
        print(f"{said_of_losses(table.losses, table.loss)}\n")
        heads = ["asked", *(f"on {name}" if name in WAYS else name for name in table.shown)]
        heads += ["text − image + text [95 %]", "p (Holm)", "the paper's claim"]
        print(markdown([heads, *rows_of(table, adjusted)]))
    if len(frames) == 2:
        for loss in LOSSES:
            print(f"\n## The second run minus the first, {loss:.0f} below vanilla [95 %, unadjusted]\n")
            losses = common_losses(list(runs.values()), loss)
            print(f"{said_of_losses(list(losses.values()), loss)}\n")
            ways = [f"on {way}" for way in ways_of_all(list(runs.values()))]
            print(markdown([["asked", *ways], *compare_runs(list(runs.values()), losses)]))


if __name__ == "__main__":
    main()
