"""The table of trajectories of a run: what every model knew after which passes, person by person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mllmu.evaluation import Item, read_records, records_of_split
from mllmu.evaluation.scoring.score import CELL
from mllmu.report.numbers.trajectories import PASSES
from mllmu.report.run_folder import TRAJECTORY_FILE
from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.stages.asking_stages import RECORDS_FILE
from mllmu.study.pipeline.stages.trajectory_keeper import trajectory_scores
from mllmu.study.pipeline.tables.parquet_table import write_table
from mllmu.study.pipeline.tables.results_table import KEYS, labels
from mllmu.unlearning import get_method
from mllmu.unlearning.lineage import VANILLA_LINEAGE

_COLUMNS = [*KEYS, PASSES, *CELL, "profile_id", "value", "n"]


def write_trajectories(
    judged: Sequence[Judged], items: Mapping[int, Sequence[Item]], protocol: str, benchmark: str, out: Path
) -> None:
    """Put ``trajectory.parquet`` into a run's folder; a run without trajectories has none.

    Its rows are those of ``person_scores.parquet`` for a few questions, with one more column: the passes over
    the forget questions that a model had done. They are 0 for vanilla, and missing for the retrained model,
    for methods that do not train, and for those whose states on the way do not lead there. The last state of
    every model is among them.

    Args:
        judged: the models; those after further steps are left out.
        items: what is asked on the way, by forget ratio; empty where nothing is.
        protocol: how.
        benchmark: fingerprint of the people.
        out: the run's folder.

    Raises:
        UserError: if the file cannot be written.
    """
    file = out / TRAJECTORY_FILE
    if not items:
        file.unlink(missing_ok=True)
        return
    parts = []
    for each in judged:
        if each.lineage.step_names:
            continue
        on_the_way = each.model.folder / TRAJECTORY_FILE
        looks = [pd.read_parquet(on_the_way)] if on_the_way.is_file() else []
        records = records_of_split(read_records(each.made.folder / RECORDS_FILE), items[each.forget_ratio])
        looks.append(trajectory_scores(records, protocol).assign(**{PASSES: _passes(each)}))
        parts.append(pd.concat(looks).assign(**labels(each, protocol, benchmark)))
    table = pd.concat(parts)[_COLUMNS]
    write_table(table.sort_values(_COLUMNS[:-2], kind="stable", ignore_index=True), file)


def _passes(judged: Judged) -> float:
    """The passes that a finished model has done; not a number where no fewer would have led there."""
    if judged.lineage == VANILLA_LINEAGE:
        return 0.0
    method = judged.lineage.method
    return float(judged.settings[PASSES]) if method and get_method(method).is_gradual() else math.nan
