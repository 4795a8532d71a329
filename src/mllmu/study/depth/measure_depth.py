"""``mllmu depth``: how deep the models of a finished run forgot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mllmu.errors import UserError
from mllmu.evaluation.depth.depth_table import depth_table
from mllmu.evaluation.depth.taught_sample import taught_sample
from mllmu.models.storage.model_settings import read_settings
from mllmu.report.run_folder import DEPTH_FILE, STAGES_FOLDER
from mllmu.study.depth.depth_stage import DROPS_FILE, depth_stage
from mllmu.study.finished_run.made_models import (
    find_models,
    joined_tables,
    model_columns,
)
from mllmu.study.finished_run.named_models import (
    finished_recipe,
    model_name,
    reference_model,
    treated_reference,
    unlearned_models,
)
from mllmu.study.finished_run.opened_run import opened_run
from mllmu.study.pipeline.execution.run_display import Display
from mllmu.study.pipeline.execution.stage_store import Made, Stage, Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.stages.model_family import model_folder
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE


@dataclass(frozen=True)
class MeasuredDepth:
    """What was measured, and what was not.

    Attributes:
        table: what ``depth.parquet`` holds.
        left_out: names of models that change what stands around vanilla, not its hidden states.
    """

    table: pd.DataFrame
    left_out: tuple[str, ...]


def measure_depth(
    folder: Path,
    models: Sequence[str] = (),
    people: int = 20,
    questions: int = 5,
    seed: int = 0,
    device: str = "auto",
    display: Display | None = None,
) -> MeasuredDepth:
    """Measure the Unlearning Depth Score (arXiv 2605.24614) of a run's unlearned models.

    Each is patched into vanilla of its seed and read against the retrained model of its seed and ratio, after
    the same further steps where the run took them with it, on taught questions about people to forget.
    ``depth.parquet`` in the run's folder is written whole or not at all. It holds the models that were asked
    for, and those that were measured on the same questions by the same code before; what was measured before
    is not measured again.

    Args:
        folder: of a finished run.
        models: methods, or names of models as their records are called; all if there are none.
        people: how many people to forget are asked about, under every ratio.
        questions: how many taught questions about each, each with the picture and by name.
        seed: draws people and questions.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; that of the run.
        display: whom to tell how far it is; nobody by default.

    Raises:
        UserError: if the folder is not that of a finished run, a name is not that of an unlearned model, a
            model is not there, no answer states a known value, or nothing is left to measure.

    Example:
        ::

            measure_depth(Path("runs/quick"), ["npo"]).table.groupby("positions")["depth"].mean()
    """
    recipe = finished_recipe(folder)
    chosen = unlearned_models(recipe, models)
    with opened_run(folder, recipe, device, display) as (opened, executor):
        everybody = unlearned_models(recipe, ())
        vanilla = {one: reference_model(recipe, one, VANILLA_LINEAGE) for one in everybody}
        retrained = {one: treated_reference(recipe, one, RETRAINED_LINEAGE) for one in everybody}
        needed = [each for one in chosen for each in (vanilla[one], retrained[one], one)]
        others = [*vanilla.values(), *retrained.values(), *everybody]
        made = find_models(opened, folder, needed, others)
        measured = [one for one in chosen if _around(made[one]) == _around(made[vanilla[one]])]
        if not measured:
            raise UserError(
                f"what {', '.join(map(model_name, chosen))} changed stands around vanilla, whose hidden "
                "states are as they were; expected a model that was trained to forget"
            )
        sample = {"people": people, "questions": questions, "seed": seed}
        _require_values(opened, measured, sample)
        patched = {each: vanilla[one] for one in everybody for each in (one, retrained[one])}

        def stage(source: PlannedModel) -> Stage:
            split = opened.splits[source.judged_under[0]]
            title, of_split = f"depth of {model_name(source)}", sample | {"people": drawn(source)}
            return depth_stage(title, opened, made[patched[source]], made[source], split, of_split)

        def drawn(source: PlannedModel) -> int:
            return min(people, len(opened.splits[source.judged_under[0]].forget))

        store = Store(folder / STAGES_FOLDER)

        def was_measured(one: PlannedModel) -> bool:
            has_made = {one, retrained[one], vanilla[one]} <= set(made)
            return has_made and all(store.find(stage(each)) for each in (one, retrained[one]))

        shown = [one for one in everybody if one in measured or was_measured(one)]
        sources = dict.fromkeys([*(retrained[one] for one in shown), *shown])
        executor.expect(len(sources))
        drops = {one: pd.read_parquet(executor.do(stage(one)).folder / DROPS_FILE) for one in sources}
        table = joined_tables(
            (
                depth_table(drops[one], drops[retrained[one]]),
                {
                    **model_columns(opened, one, made[one]),
                    "drawn_people": drawn(one),
                    "drawn_questions": questions,
                    "drawn_seed": seed,
                },
            )
            for one in shown
        )
        write_table(table, folder / DEPTH_FILE)
    return MeasuredDepth(table, tuple(model_name(one) for one in chosen if one not in measured))


def _around(made: Made) -> list[object]:
    """What stands around a model: its system prompt and its wrappers."""
    settings = read_settings(str(model_folder(made.folder)))
    return [settings.get(name) for name in ("system_prompt", "wrappers")]


def _require_values(opened: OpenedRecipe, models: Sequence[PlannedModel], sample: Mapping[str, int]) -> None:
    for ratio in {one.judged_under[0] for one in models}:
        split = opened.splits[ratio]
        if not taught_sample(opened.benchmark, split.forget, **sample, attributes=split.attributes):
            raise UserError(
                f"no taught answer about the people of {opened.benchmark.name} to forget at {ratio} per cent "
                "states a value that evaluation questions or biographies name; expected one at least"
            )
