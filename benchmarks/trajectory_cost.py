"""What looking at a model on its way costs, beside the unlearning itself.

    python benchmarks/trajectory_cost.py runs/quick

Every method of a finished run that trains unlearns from its vanilla model twice, without looks and with those
of the recipe, in turn in one process. Prints CPU seconds of both, and what the looks add in per cent.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from mllmu.cli.console import prepare_libraries
from mllmu.study.finished_run.made_models import find_models
from mllmu.study.finished_run.named_models import finished_recipe
from mllmu.study.pipeline.benchmark_source import open_benchmark
from mllmu.study.pipeline.execution.executor import Executor
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel, plan_models
from mllmu.study.pipeline.stages.model_family import model_folder
from mllmu.study.pipeline.stages.trajectory_keeper import trajectory_keeper
from mllmu.unlearning import TrainedMethod, get_method, unlearn
from mllmu.unlearning.lineage import UNLEARN


def seconds(opened: OpenedRecipe, planned: PlannedModel, vanilla: Path, looks: bool) -> float:
    """CPU seconds of unlearning one model."""
    split = opened.splits[planned.judged_under[0]]
    loaded = opened.family.load(model_folder(vanilla))
    with TemporaryDirectory() as scratch:
        keeper = trajectory_keeper(opened, split.forget_ratio, Path(scratch)) if looks else None
        started = time.process_time()
        unlearn(
            planned.step.variant,
            loaded,
            opened.benchmark,
            split,
            planned.step.modality,  # type: ignore[arg-type]
            planned.settings,
            planned.seed,
            watch=keeper.watch if keeper else None,
        )
        return time.process_time() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What looking at a model on its way costs.")
    parser.add_argument("run", type=Path, help="a finished run's folder, whose recipe asks for a trajectory")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    prepare_libraries()
    recipe = finished_recipe(arguments.run)
    store = Store(arguments.run / "stages")
    benchmark = open_benchmark(recipe.benchmark, recipe.synthetic, Executor(store, Display()).do)
    opened = OpenedRecipe(recipe, benchmark, arguments.device)
    chosen = [
        planned
        for planned in plan_models(recipe)
        if planned.step.kind == UNLEARN and issubclass(get_method(planned.step.variant), TrainedMethod)
    ]
    vanillas = find_models(opened, arguments.run, [one.parent for one in chosen if one.parent])
    print("| method | without looks | with looks | the looks add |")
    print("| --- | ---: | ---: | ---: |")
    for planned in chosen:
        assert planned.parent is not None
        vanilla = vanillas[planned.parent].folder
        plain, watched = (seconds(opened, planned, vanilla, looks) for looks in (False, True))
        print(f"| {planned.step.variant} | {plain:.1f} s | {watched:.1f} s | {watched / plain - 1:.0%} |")


if __name__ == "__main__":
    main()
