"""``mllmu train``: fine-tune a model on a benchmark's people and save it."""

from __future__ import annotations

from collections.abc import Sequence

from mllmu.models import load_model
from mllmu.study.pipeline.stages.training_log import write_training_log
from mllmu.study.recipe.recipe_settings import check_rehearsal
from mllmu.study.steps import python_steps
from mllmu.study.steps.lineage_note import read_lineage, save_descendant
from mllmu.study.steps.step_setting import StepSetting, check_people, shown_benchmark, shown_step
from mllmu.study.steps.unfinished_training import upkeep_beside
from mllmu.training import TrainingSettings, require_trackers
from mllmu.training.trainers.step_shares import require_shares
from mllmu.unlearning.lineage import TEACH, LineageStep


def train_model(
    setting: StepSetting,
    on: python_steps.Audience,
    forget: int | None,
    settings: TrainingSettings,
    attributes: Sequence[str] = (),
) -> None:
    """Fine-tune a model and save it.

    Args:
        setting: benchmark, model and folder.
        on: ``everyone`` makes ``vanilla``, ``retain`` makes ``retrained``.
        forget: per cent of the people that ``retain`` leaves out.
        settings: how to train.
        attributes: what of these people ``retain`` leaves out; everything where there are none.

    Raises:
        UserError: if something named does not exist or does not fit, a tracker's package is not
            installed, or the folder is not empty.
    """
    check_rehearsal(setting.model, settings)
    require_shares(settings)
    require_trackers(setting.log_to)
    python_steps.check_audience(on, forget, attributes)
    check_people(setting, forget if on == "retain" else None, attributes=attributes)
    lineage, _ = read_lineage(setting.model)
    title = f"fine-tune on {on}"
    with shown_benchmark(setting) as benchmark, shown_step(setting, title) as (folder, progress):
        loaded = load_model(setting.model, setting.device).with_origin()
        wanted = {
            "on": on,
            "forget": forget,
            "attributes": list(attributes),
            "settings": settings.model_dump(mode="json"),
        }
        with upkeep_beside(setting, loaded, benchmark, wanted) as upkeep:
            trained = python_steps.train(
                loaded, benchmark, on, forget, settings, setting.seed, progress, attributes, upkeep
            )
            write_training_log(upkeep, folder)
            save_descendant(trained, lineage.then(LineageStep(TEACH, on)), setting.seed, folder)
