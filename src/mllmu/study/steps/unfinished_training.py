"""Where a single command keeps the state of its training, so that the same command goes on after a kill."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mllmu.benchmark import Benchmark
from mllmu.files import holds_files
from mllmu.models import LoadedModel, processor_fingerprint
from mllmu.processes import is_main_process
from mllmu.report.run_folder import TENSORBOARD_FOLDER
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.execution.folder_lock import locked
from mllmu.study.pipeline.execution.stage_store import stage_hash
from mllmu.study.steps.step_setting import StepSetting
from mllmu.training import Tracking, Upkeep
from mllmu.training.precision import computes_bfloat16

_LOG = logging.getLogger(__name__)
_MADE_BY = ("mllmu.benchmark", "mllmu.models", "mllmu.synthesis", "mllmu.training", "mllmu.unlearning")


@contextmanager
def upkeep_beside(
    setting: StepSetting, loaded: LoadedModel, benchmark: Benchmark, wanted: Mapping[str, Any], code: str = ""
) -> Iterator[Upkeep]:
    """States in a hidden folder beside the command's, which is gone when the command has done its work.

    Its name tells the training from any other, so that a state of another is never taken. One that lies there
    for the same result is left alone, and a warning names it.

    Args:
        setting: of the command.
        loaded: the model before the training.
        benchmark: the people.
        wanted: what else the training is made of; JSON values.
        code: digest of what takes part besides mllmu's own training and unlearning.

    Raises:
        UserError: another process carries out the same command.
    """
    ingredients = {
        "benchmark": benchmark.fingerprint,
        "model": f"{loaded.fingerprint} {processor_fingerprint(loaded.processor)}",
        "device": loaded.device.type,
        "bfloat16": computes_bfloat16(loaded.device),
        "seed": setting.seed,
        **wanted,
    }
    out = setting.out.resolve()  # beside which it lies, even where that is "."
    prefix = f".{out.name}-unfinished-"
    folder = out.parent / (prefix + stage_hash("command", f"{source_digest(*_MADE_BY)} {code}", ingredients))
    beside = Tracking(setting.log_to, out.parent / TENSORBOARD_FOLDER, out.name)
    upkeep = Upkeep(folder / "state", tracking=beside if setting.log_to else None)
    if not is_main_process():
        yield upkeep
        return
    for other in sorted(set(out.parent.glob(f"{prefix}*")) - {folder}):
        if not holds_files(other):  # killed before there was a state
            continue
        _LOG.warning(
            "%s holds the state of an unfinished training with other settings for %s; it is left alone.",
            other,
            setting.out,
        )
    try:
        with locked(folder):
            yield upkeep
    except BaseException:
        if not holds_files(folder):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
