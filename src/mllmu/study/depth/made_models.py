"""Looking up the models that a run has made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mllmu.errors import UserError
from mllmu.report.run_folder import RECIPE_FILE
from mllmu.study.depth.named_models import model_name
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.run_plan import PlannedStage, Planner, perform
from mllmu.study.pipeline.stage_store import Made, Store


def find_models(
    opened: OpenedRecipe, folder: Path, wanted: Sequence[PlannedModel]
) -> dict[PlannedModel, Made]:
    """The stages' results that hold some models of a run; nothing is made.

    Args:
        opened: the run's recipe.
        folder: the run's.
        wanted: models of the recipe.

    Raises:
        UserError: one of them is not there.
    """
    planner = Planner(opened.recipe, opened.device, len(opened.benchmark.profiles), 0)
    stages, results = planner.models(), dict[PlannedStage, Made]()
    for model in wanted:
        perform(stages[model], opened, Store(folder / "stages").find, results)
        if stages[model] not in results:
            raise UserError(
                f"{folder} does not hold the model {model_name(model)} as this version makes it on "
                f"{opened.family.device}; expected a run that was finished with it: mllmu run --recipe "
                f"{folder / RECIPE_FILE} --out {folder}"
            )
    return {model: results[stages[model]] for model in wanted}
