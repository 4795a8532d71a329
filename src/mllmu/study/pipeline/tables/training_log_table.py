"""The table of every optimizer step of a run's models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mllmu.report.run_folder import TRAINING_LOG_FILE
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.tables.parquet_table import write_table


def write_training_logs(judged: Sequence[Judged], out: Path) -> None:
    """Put ``training_log.parquet`` into a run's folder; a run that trained nothing has none.

    Its rows are those beside the models, each model's under the name of its records.

    Raises:
        UserError: if the file cannot be written.
    """
    file, logs = out / TRAINING_LOG_FILE, {}
    for each in judged:
        # Vanilla is judged under every forget ratio, and trained once.
        if each.model.hash not in logs and (each.model.folder / TRAINING_LOG_FILE).is_file():
            log = pd.read_parquet(each.model.folder / TRAINING_LOG_FILE)
            log.insert(0, "model", each.lineage.file_stem(each.forget_ratio, each.seed))
            logs[each.model.hash] = log
    if logs:
        write_table(pd.concat(logs.values(), ignore_index=True), file)
    else:
        file.unlink(missing_ok=True)
