"""Looking up the models that a run has made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mllmu.errors import UserError
from mllmu.report import read_depth, read_recoverability
from mllmu.report.run_folder import DEPTH_FILE, RECIPE_FILE, RECOVERABILITY_FILE, STAGES_FOLDER
from mllmu.study.finished_run.named_models import model_name
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.execution.stage_store import Made, Store
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.run_plan import PlannedStage, Planner, perform
from mllmu.study.pipeline.tables.results_table import KEYS


def find_models(
    opened: OpenedRecipe, folder: Path, wanted: Sequence[PlannedModel], others: Sequence[PlannedModel] = ()
) -> dict[PlannedModel, Made]:
    """The stages' results that hold some models of a run; nothing is made.

    Args:
        opened: the run's recipe.
        folder: the run's.
        wanted: models of the recipe.
        others: further ones, which need not be there.

    Raises:
        UserError: one of them is not there.
    """
    made = made_models(opened, folder, [*wanted, *others])
    for model in wanted:
        if model not in made:
            raise UserError(
                f"{folder} does not hold the model {model_name(model)} as this version makes it on "
                f"{opened.family.device}; expected a run that was finished with it: mllmu run --recipe "
                f"{folder / RECIPE_FILE} --out {folder}"
            )
    return made


def made_models(
    opened: OpenedRecipe, folder: Path, wanted: Sequence[PlannedModel]
) -> dict[PlannedModel, Made]:
    """As `find_models`, without those that are not there."""
    planner = Planner(opened.recipe, opened.device, len(opened.benchmark.profiles), 0)
    stages, results = planner.models(), dict[PlannedStage, Made]()
    for model in wanted:
        perform(stages[model], opened, Store(folder / STAGES_FOLDER).find, results)
    return {model: results[stages[model]] for model in wanted if stages[model] in results}


def model_columns(opened: OpenedRecipe, model: PlannedModel, made: Made) -> dict[str, Any]:
    """The columns of results that tell a model from others, with what tells its weights from others'."""
    study = {"forget_ratio": model.judged_under[0], "seed": model.seed, "protocol": opened.recipe.protocol}
    of_model = {**model.lineage.columns, **study, "benchmark": opened.benchmark.fingerprint}
    return {**of_model, "fingerprint": made.facts["fingerprint"]}


def joined_tables(measured: Iterable[tuple[pd.DataFrame, Mapping[str, Any]]]) -> pd.DataFrame:
    """One table of what was measured of several models, each with its `model_columns`, keys first."""
    table = pd.concat([rows.assign(**columns) for rows, columns in measured], ignore_index=True)
    return table[[*KEYS, *(name for name in table if name not in KEYS)]]


def drop_stale(judged: Sequence[Judged], folder: Path) -> None:
    """Take what was measured of a run's models out of its folder where the run has made one anew since.

    Args:
        judged: the models of the run as they are now.
        folder: the run's.

    Raises:
        UserError: a file of measurements is damaged.
    """
    current = {each.model.facts["fingerprint"] for each in judged}
    for name, table in ((DEPTH_FILE, read_depth(folder)), (RECOVERABILITY_FILE, read_recoverability(folder))):
        if table is not None and not set(table["fingerprint"]) <= current:
            (folder / name).unlink()
