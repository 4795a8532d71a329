"""What a run of many people, ways to unlearn and seeds would take: stages, core-hours and gigabytes.

    mllmu run --preset quick --set 'methods=[npo, prompting]' --set fine_tuning.epochs=1 --out runs/small
    python benchmarks/scale.py runs/small --people 10000 --ways 50 --seeds 5 --epochs 10

The plan is the one that ``mllmu run`` would carry out; nothing of it is made. What a stage takes is read off
the stages of a finished run with the same settings: seconds grow with the people, and so do the bytes of
answers and scores; those of a model are what they are. A core-hour is an hour of a run that had one thread.
"""

from __future__ import annotations

import json
import resource
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mllmu.study.pipeline.run_plan import PlannedStage, Planner, in_order
from mllmu.study.pipeline.stages.report_stage import REPORTING
from mllmu.study.recipe.recipe_settings import Recipe, load_recipe
from mllmu.unlearning import METHODS

_MODELS = ("fine_tuning", "unlearning", "further_step")
_SYNTHESIS = "synthesis"

console = Console(width=120)


@dataclass
class Kind:
    """What the stages of a kind took in a finished run.

    Attributes:
        stages: how many there were.
        seconds: of all.
        size: bytes of all files.
        work: units, which are people, or people times passes.
    """

    stages: int = 0
    seconds: float = 0.0
    size: int = 0
    work: float = 0.0


def main(
    measured: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    people: Annotated[int, typer.Option(min=2, help="Fictitious people.")] = 10_000,
    ways: Annotated[int, typer.Option(min=2, help="Methods times what they unlearn on.")] = 50,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of training.")] = 5,
    epochs: Annotated[int, typer.Option(min=1, help="Passes of teaching.")] = 10,
) -> None:
    """Plan a large run, and say what it would take."""
    recipe = large_recipe(load_recipe(measured / "recipe.yaml"), people, ways, seeds, epochs)
    started = time.perf_counter()
    stages = planned_stages(recipe)
    seconds = time.perf_counter() - started
    kinds = measured_kinds(measured)
    made = recipe.synthetic
    everybody = float(made.profiles + made.celebrities + made.holdout)
    title = f"{people} people, {ways} ways, {seeds} seeds"
    table = Table("kind of stage", "stages", "core-hours", "GB", title=title)
    hours = size = 0.0
    for kind in (_SYNTHESIS, *dict.fromkeys(stage.kind for stage in stages)):
        works = [everybody] if kind == _SYNTHESIS else [each.work for each in stages if each.kind == kind]
        taken, stored = estimate(kinds[kind], works, fixed_size=kind in _MODELS)
        hours, size = hours + taken / 3600, size + stored / 1e9
        table.add_row(kind, str(len(works)), f"{taken / 3600:,.1f}", f"{stored / 1e9:,.2f}")
    table.add_row("in all", str(len(stages) + 1), f"{hours:,.1f}", f"{size:,.2f}")
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    console.print(f"Planned in {seconds:.2f} s; the process held {peak:.0f} MiB at most.")


def large_recipe(recipe: Recipe, people: int, ways: int, seeds: int, epochs: int) -> Recipe:
    """The same recipe for more of everything: half of the ways unlearn on both modalities, half on text.

    Raises:
        typer.BadParameter: there are no such ways.
    """
    both = {"both", "text"}
    names = [name for name in METHODS.names() if both <= set(METHODS.get(name).modalities)]
    if ways % 2 or ways > 2 * len(names):
        raise typer.BadParameter(f"{ways} ways; expected an even number, at most {2 * len(names)}")
    changes: dict[str, Any] = {
        "synthetic": {**recipe.synthetic.model_dump(), "profiles": people},
        "methods": names[: ways // 2],
        "by_modality": {},
        "modalities": ["both", "text"],
        "seeds": list(range(seeds)),
        "fine_tuning": {**recipe.fine_tuning.model_dump(), "epochs": epochs},
    }
    return Recipe.model_validate({**recipe.model_dump(), **changes})


def planned_stages(recipe: Recipe) -> list[PlannedStage]:
    """All stages but people and report; at most, for models that turn out equal are asked once."""
    others = recipe.synthetic.celebrities + recipe.synthetic.holdout
    planner = Planner(recipe, "auto", recipe.synthetic.profiles, others)
    models = planner.models()
    return in_order([*models.values(), *planner.judging(models, {}).values()])


def measured_kinds(folder: Path) -> dict[str, Kind]:
    """What the stages of a finished run took, by kind."""
    kinds: dict[str, Kind] = defaultdict(Kind)
    for path in folder.glob("stages/*/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["kind"] != REPORTING:
            kind = kinds[manifest["kind"]]
            kind.stages += 1
            kind.seconds += manifest["seconds"]
            kind.size += sum(manifest["files"].values())
            kind.work += manifest["work"]
    return kinds


def estimate(kind: Kind, works: Iterable[float], fixed_size: bool) -> tuple[float, float]:
    """Seconds and bytes of stages with so much work.

    Args:
        kind: what such stages took.
        works: of the stages to come.
        fixed_size: whether a stage's bytes are the same whatever its work.
    """
    works = list(works)
    if not kind.work:
        return float("nan"), float("nan")
    size = len(works) / kind.stages if fixed_size else sum(works) / kind.work
    return sum(works) / kind.work * kind.seconds, size * kind.size


if __name__ == "__main__":
    typer.run(main)
