"""What a run would do: its stages, which are done, how long the others may take, and how much memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mllmu.benchmark import load_benchmark
from mllmu.report.run_folder import REPORT_FILE, STAGES_FOLDER
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.forecast.memory_forecast import MemoryForecast
from mllmu.study.pipeline.forecast.time_estimate import Pace, measure_pace
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.output_folders import require_run_folder
from mllmu.study.pipeline.recipe_check import check_recipe
from mllmu.study.pipeline.run_plan import PlannedStage, Planner, fingerprints, in_order, perform
from mllmu.study.pipeline.stage_orders import ModelOrder
from mllmu.study.pipeline.stages.asking_stages import ASKING
from mllmu.study.pipeline.stages.report_stage import REPORTING
from mllmu.study.pipeline.stages.synthesis_stage import BENCHMARK_FOLDER, synthesis_stage
from mllmu.study.recipe.recipe_settings import SYNTHETIC, Recipe


@dataclass(frozen=True)
class Forecast:
    """One stage of a run to come.

    Attributes:
        kind: what is done.
        title: for whom it is done.
        is_done: whether its result lies in the run's folder.
        seconds: how long it may take; None where no such stage was measured here, 0 where it is done.
        memory: bytes that it holds at its peak on its device, as estimated; None for stages without a model.
        precision: in which number formats a model is trained; empty for stages that train none.
    """

    kind: str
    title: str
    is_done: bool
    seconds: float | None
    memory: float | None = None
    precision: str = ""


def forecast_run(recipe: Recipe, out: Path, device: str) -> list[Forecast]:
    """The stages of a run in their order, at most: models that turn out to be equal are asked once.

    Nothing is made and nothing is written. Times are those of earlier stages of the same kind, model and
    device in the run's folder and the folders beside it, per person. Memory is estimated from the model's
    config (see ``memory_estimate``).

    Args:
        recipe: what to do.
        out: the run's folder; it need not exist.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        UserError: if the recipe's benchmark, model or settings are at fault, the folder holds files of other
            things, or a stage does not fit into memory.

    Example:
        ::

            [stage.title for stage in forecast_run(make_recipe("paper"), Path("runs/paper"), "cpu")]
    """
    require_run_folder(out)
    opened = check_recipe(recipe, device)
    store = Store(out / STAGES_FOLDER)
    pace = measure_pace(out)
    forecasts = []
    if recipe.benchmark == SYNTHETIC:
        synthesis = synthesis_stage(recipe.synthetic)
        people = store.find(synthesis)
        forecasts.append(_forecast(synthesis, people is not None, pace))
        if people is not None:
            opened = OpenedRecipe(recipe, load_benchmark(people.folder / BENCHMARK_FOLDER), device)
    stages, results = _stages(recipe, opened, store, device)
    memory = MemoryForecast(recipe, device, None if opened is None else opened.benchmark)
    forecasts += [_with_memory(_forecast(stage, stage in results, pace), stage, memory) for stage in stages]
    is_reported = all(each.is_done for each in forecasts) and (out / REPORT_FILE).is_file()
    seconds = 0.0 if is_reported else pace.seconds(REPORTING, "", 1)
    return [*forecasts, Forecast(REPORTING, "write the report", is_reported, seconds)]


def _stages(
    recipe: Recipe, opened: OpenedRecipe | None, store: Store, device: str
) -> tuple[Sequence[PlannedStage], dict[PlannedStage, Made]]:
    """All stages but the first and the last, and the results of those that are done."""
    if opened is None:
        people, others = recipe.synthetic.profiles, recipe.synthetic.celebrities + recipe.synthetic.holdout
    else:
        benchmark = opened.benchmark
        people, others = len(benchmark.profiles), len(benchmark.celebrities) + len(benchmark.holdout)
        _ = opened.items  # what is wrong with the recipe is said now

    planner = Planner(recipe, device, people, others)
    models = planner.models()
    results: dict[PlannedStage, Made] = {}
    # Where nothing was ever made, a large model need not be loaded to see that.
    looked_up = opened if any(store.folder.glob("*/manifest.json")) else None
    if looked_up is not None:
        for stage in models.values():
            perform(stage, looked_up, store.find, results)
    judging = planner.judging(models, fingerprints(models, results)).values()
    if looked_up is not None:
        for stage in judging:
            perform(stage, looked_up, store.find, results)
    return in_order([*models.values(), *judging]), results


def _with_memory(forecast: Forecast, stage: PlannedStage, memory: MemoryForecast) -> Forecast:
    if isinstance(stage.order, ModelOrder):
        planned = stage.order.planned
        need = memory.of_model(planned)
        return replace(forecast, memory=need.total, precision=memory.precision_of(planned))
    if stage.kind == ASKING:
        return replace(forecast, memory=memory.of_asking().total)
    return forecast


def _forecast(stage: PlannedStage | Stage, is_done: bool, pace: Pace) -> Forecast:
    seconds = 0.0 if is_done else pace.seconds(stage.kind, stage.scale, stage.work)
    return Forecast(stage.kind, stage.title, is_done, seconds)
