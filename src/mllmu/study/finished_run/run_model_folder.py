"""Where a model of a finished run lies."""

from __future__ import annotations

from pathlib import Path

from mllmu.study.finished_run.made_models import find_models
from mllmu.study.finished_run.named_models import finished_recipe, named_model
from mllmu.study.finished_run.opened_run import opened_run
from mllmu.study.pipeline.plan import PlannedModel
from mllmu.study.pipeline.stages.model_family import model_folder


def run_model_folder(run_folder: Path, name: str, device: str) -> tuple[PlannedModel, Path]:
    """A model of a finished run by its name, and the folder that holds it.

    Args:
        run_folder: the run's.
        name: as for `named_model`.
        device: where the run's models were made.

    Raises:
        UserError: the folder is not that of a finished run, it has no such model or several, or something
            else works in it.
    """
    recipe = finished_recipe(run_folder)
    planned = named_model(recipe, name)
    with opened_run(run_folder, recipe, device) as (opened, _):
        return planned, model_folder(find_models(opened, run_folder, [planned])[planned].folder)
