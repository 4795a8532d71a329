"""Protects: a state stands at its passes only where fewer passes lead there."""

import math

import pytest

from mllmu.study.pipeline.carry_out import Judged
from mllmu.study.pipeline.execution.stage_store import Made
from mllmu.study.pipeline.tables.trajectory_table import _passes
from mllmu.unlearning.lineage import RETRAINED_LINEAGE, VANILLA_LINEAGE


def passes(lineage, settings, folder):
    return _passes(Judged(lineage, 0, 10, Made(folder, {}), Made(folder, {}), settings))


@pytest.mark.parametrize(
    ("method", "settings", "expected"),
    [
        ("npo", {"passes": 7.0}, 7.0),
        ("uld", {"passes": 7.0}, 7.0),
        (
            "task_vector",
            {"passes": 13.0},
            math.nan,
        ),  # its states on the way learn more, and are subtracted last
        ("manu", {}, math.nan),
        ("prompting", {}, math.nan),
    ],
)
def test_last_states(tmp_path, method, settings, expected):
    found = passes(VANILLA_LINEAGE.unlearned(method, "both"), settings, tmp_path)
    assert found == pytest.approx(expected, nan_ok=True)


def test_references(tmp_path):
    """However long they were taught."""
    assert passes(VANILLA_LINEAGE, {"epochs": 3}, tmp_path) == 0
    assert math.isnan(passes(RETRAINED_LINEAGE, {"epochs": 3}, tmp_path))
