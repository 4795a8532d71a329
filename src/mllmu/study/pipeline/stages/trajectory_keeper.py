"""Trajectories: what a model still knows after each of some passes of its unlearning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from mllmu.benchmark.types import Task
from mllmu.evaluation import Item, Metric, ask, get_metric, get_protocol, person_scores
from mllmu.evaluation.questions.sampled_questions import BriefProtocol
from mllmu.evaluation.scoring.mean_accuracy import accuracy_metrics
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel
from mllmu.processes import is_main_process
from mllmu.report.names import TOKEN_METRICS
from mllmu.report.numbers.trajectories import PASSES
from mllmu.report.run_folder import TRAJECTORY_FILE
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.unlearning import Watch


def trajectory_scores(records: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Accuracies, and log-probabilities of the parts of answers, person by person (see `person_scores`)."""
    return person_scores(records, list(_metrics(protocol)))


def _metrics(protocol: str) -> Iterable[Metric]:
    accuracies = accuracy_metrics(get_protocol(protocol))
    return (get_metric(name) for name in (*(accuracies[task] for task in Task), *TOKEN_METRICS))


def trajectory_keeper(opened: OpenedRecipe, ratio: int, scratch: Path) -> TrajectoryKeeper | None:
    """What keeps the trajectory of one model; None if the recipe wants none.

    Args:
        opened: the recipe.
        ratio: the forget ratio.
        scratch: a folder that outlasts a kill.
    """
    if opened.recipe.trajectory is None:
        return None
    passes = tuple(opened.recipe.trajectory.passes)
    return TrajectoryKeeper(opened.trajectory_items[ratio], passes, opened.recipe.protocol, scratch)


class TrajectoryKeeper:
    """Asks a model after passes of its unlearning, and keeps what it answered until the training is done."""

    def __init__(
        self, items: Sequence[Item], passes: tuple[float, ...], protocol: str, scratch: Path
    ) -> None:
        """Prepare the looks.

        Args:
            items: what to ask.
            passes: after which to ask.
            protocol: how to ask.
            scratch: a folder that outlasts a kill, for scores.
        """
        self._items = items
        self._protocol = protocol
        self._scores = scratch / "scores"
        self._engine: TransformersEngine | None = None
        self.watch = Watch(passes, self.look)

    def look(self, loaded: LoadedModel, passes: float) -> None:
        """Ask the model, and keep its scores."""
        if self._engine is None:
            self._engine = TransformersEngine(loaded)
        records = ask(self._engine, self._items, BriefProtocol(get_protocol(self._protocol)))
        if is_main_process():
            write_table(trajectory_scores(records, self._protocol), self._scores / f"{passes!r}.parquet")

    def write(self, folder: Path) -> None:
        """Put the scores of all looks into a stage's folder, in the order of the passes.

        Raises:
            UserError: if the file cannot be written.
        """
        looks = {float(path.stem): path for path in self._scores.glob("*.parquet")}
        parts = [pd.read_parquet(looks[passes]).assign(**{PASSES: passes}) for passes in sorted(looks)]
        if parts:
            write_table(pd.concat(parts, ignore_index=True), folder / TRAJECTORY_FILE)
