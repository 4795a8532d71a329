"""The log of the trainings that made a model, beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mllmu.processes import is_main_process
from mllmu.report.run_folder import TRAINING_LOG_FILE
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.training import Upkeep


def write_training_log(upkeep: Upkeep, folder: Path) -> None:
    """Put ``training_log.parquet`` into a folder: a row for each optimizer step; nothing if there was none.

    Columns are those of `Upkeep.log`; what a step did not tell is missing there.

    Raises:
        UserError: if the file cannot be written.
    """
    if upkeep.log and is_main_process():
        write_table(pd.DataFrame(upkeep.log), folder / TRAINING_LOG_FILE)
