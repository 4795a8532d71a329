"""``mllmu unlearn``: make a model forget and save it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mllmu.models import load_model
from mllmu.source_digest import plugin_digest
from mllmu.study.pipeline.benchmark_source import choose_split
from mllmu.study.pipeline.stages.model_stages import METHODS_PACKAGE
from mllmu.study.pipeline.stages.training_log import write_training_log
from mllmu.study.steps import python_steps
from mllmu.study.steps.lineage_note import read_lineage, save_descendant, warn_of_nothing_to_forget
from mllmu.study.steps.step_setting import StepSetting, check_people, shown_benchmark, shown_step
from mllmu.study.steps.unfinished_training import upkeep_beside
from mllmu.training import TrainingModality, require_trackers
from mllmu.training.trainers.step_shares import require_shares
from mllmu.unlearning import get_method, make_forget_request, require_modality
from mllmu.unlearning.method_registry import make_method


def unlearn_model(
    setting: StepSetting,
    method: str,
    forget: int,
    modality: TrainingModality,
    settings: Mapping[str, Any],
    attributes: Sequence[str] = (),
) -> None:
    """Make a model forget and save it.

    Args:
        setting: benchmark, model and folder.
        method: see ``mllmu list methods``.
        forget: per cent of the people to forget.
        modality: whether faces, names, or both are unlearned.
        settings: the method's settings that differ from its defaults.
        attributes: what of the people to forget; everything where there are none.

    Raises:
        UserError: if something named does not exist or does not fit, a tracker's package is not
            installed, or the folder is not empty.
    """
    require_modality(get_method(method), modality)
    chosen = make_method(method, settings)
    require_shares(chosen.settings)
    require_trackers(setting.log_to)
    check_people(setting, forget, attributes=attributes)
    lineage, _ = read_lineage(setting.model)
    warn_of_nothing_to_forget(setting.model, lineage)
    title = f"unlearn {forget} % with {method} on {modality}"
    with shown_benchmark(setting) as benchmark, shown_step(setting, title) as (folder, progress):
        split = choose_split(benchmark, forget, None, attributes)
        chosen.require(make_forget_request(benchmark, split, modality, setting.seed))
        loaded = load_model(setting.model, setting.device).with_origin()
        wanted = {
            "method": method,
            "modality": modality,
            "forget": forget,
            "attributes": list(attributes),
            "settings": chosen.settings.model_dump(mode="json"),
        }
        code = plugin_digest(type(chosen), METHODS_PACKAGE)
        with upkeep_beside(setting, loaded, benchmark, wanted, code) as upkeep:
            unlearned = python_steps.unlearn(
                method,
                loaded,
                benchmark,
                forget,
                modality,
                settings,
                setting.seed,
                progress,
                attributes,
                upkeep,
            )
            write_training_log(upkeep, folder)
            save_descendant(unlearned, lineage.unlearned(method, modality), setting.seed, folder)
