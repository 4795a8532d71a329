"""``mllmu recoverability``: what a run's models still answer when they are asked another way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation.recoverability.probes import probe_items
from mllmu.evaluation.recoverability.recovery_table import recovery_table
from mllmu.report.run_folder import RECOVERABILITY_FILE, STAGES_FOLDER
from mllmu.study.finished_run.made_models import (
    find_models,
    joined_tables,
    model_columns,
)
from mllmu.study.finished_run.named_models import (
    finished_recipe,
    treated_reference,
    unlearned_models,
)
from mllmu.study.finished_run.opened_run import opened_run
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Stage, Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.recoverability.probe_stage import ANSWERS_FILE, probe_stage
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE


def measure_recoverability(
    folder: Path,
    models: Sequence[str] = (),
    people: int = 20,
    seed: int = 0,
    device: str = "auto",
    display: Display | None = None,
) -> pd.DataFrame:
    """Ask a run's unlearned models three probes of every question about people to forget.

    Each is read beside the retrained model and vanilla of its seed and ratio, which are asked the same: those
    that the same further steps were taken with, where the run has them. ``recoverability.parquet`` in the
    run's folder is written whole or not at all. It holds the models that were asked for, and those that were
    asked about the same people by the same code before; what was asked before is not asked again.

    Args:
        folder: of a finished run.
        models: methods, or names of models as their records are called; all if there are none.
        people: how many people to forget are asked about, under every ratio.
        seed: draws people.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; that of the run.
        display: whom to tell how far it is; nobody by default.

    Returns:
        What ``recoverability.parquet`` holds; see `recovery_table`.

    Raises:
        UserError: if the folder is not that of a finished run, a name is not that of an unlearned model, a
            model is not there, or there is no question that has probes.

    Example:
        ::

            table = measure_recoverability(Path("runs/quick"), ["npo"])
            table[table["failed"]].groupby("probe")["right"].mean()
    """
    recipe = finished_recipe(folder)
    chosen = unlearned_models(recipe, models)
    with opened_run(folder, recipe, device, display) as (opened, executor):
        everybody = unlearned_models(recipe, ())
        # A vanilla model serves every ratio, and is asked about the people of each.
        askings = {
            one: [
                (each, one.judged_under[0])
                for each in (
                    one,
                    *(treated_reference(recipe, one, each) for each in (RETRAINED_LINEAGE, VANILLA_LINEAGE)),
                )
            ]
            for one in everybody
        }
        needed = _asked(askings[one] for one in chosen)
        made = find_models(opened, folder, needed, others=_asked(askings.values()))
        for ratio in {one.judged_under[0] for one in chosen}:
            _require_probes(opened, ratio, people, seed)

        def stage(model: PlannedModel, ratio: int) -> Stage:
            title, split = f"probe {model.file_stem(ratio)}", opened.splits[ratio]
            return probe_stage(title, opened, made[model], split, drawn(ratio), seed)

        def drawn(ratio: int) -> int:
            return min(people, len(opened.splits[ratio].forget))

        store = Store(folder / STAGES_FOLDER)

        def was_asked(one: PlannedModel) -> bool:
            return all(each in made and store.find(stage(each, ratio)) for each, ratio in askings[one])

        shown = [one for one in everybody if one in chosen or was_asked(one)]
        wanted = list(dict.fromkeys(asking for one in shown for asking in askings[one]))
        executor.expect(len(wanted))
        answers = {
            asking: pd.read_parquet(executor.do(stage(*asking)).folder / ANSWERS_FILE) for asking in wanted
        }
        table = joined_tables(
            (
                recovery_table(*map(answers.__getitem__, askings[one])),
                {
                    **model_columns(opened, one, made[one]),
                    "drawn_people": drawn(one.judged_under[0]),
                    "drawn_seed": seed,
                },
            )
            for one in shown
        )
        write_table(table, folder / RECOVERABILITY_FILE)
    return table


def _asked(askings: Iterable[Sequence[tuple[PlannedModel, int]]]) -> list[PlannedModel]:
    return list(dict.fromkeys(model for each in askings for model, _ in each))


def _require_probes(opened: OpenedRecipe, ratio: int, people: int, seed: int) -> None:
    if not any(probe_items(opened.benchmark, opened.splits[ratio], people, seed)):
        raise UserError(
            f"no free-answer question about the people of {opened.benchmark.name} to forget at {ratio} per "
            "cent can be asked another way; expected one at least that asks for a known attribute and "
            "states its value, and somebody else who has another"
        )
