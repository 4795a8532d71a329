"""The readers of a run's tables refuse what is not the table that they read."""

from __future__ import annotations

import pandas as pd
import pytest

from mllmu.errors import UserError
from mllmu.report import (
    read_depth,
    read_person_scores,
    read_recoverability,
    read_results,
    read_training_log,
    read_trajectories,
)

READERS = {
    "results.parquet": (read_results, "The results"),
    "person_scores.parquet": (read_person_scores, "The scores of people"),
    "trajectory.parquet": (read_trajectories, "The trajectories"),
    "training_log.parquet": (read_training_log, "The steps of training"),
    "depth.parquet": (read_depth, "The scores of depth"),
    "recoverability.parquet": (read_recoverability, "The answers to probes"),
}


@pytest.mark.parametrize("name", READERS)
def test_a_table_without_a_column_is_named(tmp_path, name):
    read, title = READERS[name]
    file = tmp_path / name
    pd.DataFrame({"model": ["vanilla"]}).to_parquet(file)
    with pytest.raises(UserError, match=f"{title} in {file} lack the column .*; expected model, "):
        read(tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_no_table_is_named(tmp_path, name):
    read, _ = READERS[name]
    (tmp_path / name).write_bytes(b"not parquet")
    with pytest.raises(UserError, match=f"{name} is damaged: expected a Parquet file"):
        read(tmp_path)


@pytest.mark.parametrize("name", [name for name in READERS if name != "results.parquet"])
def test_a_table_that_a_run_need_not_have_is_none(tmp_path, name):
    read, _ = READERS[name]
    assert read(tmp_path) is None
