"""Protects by what a trial is judged: its nearest state, cell by cell, at what utility it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.equal_utility import Totals, Trajectory
from mllmu.study.tuning.trial_score import best_state


def people(*cells_of_state: tuple[float, ...]) -> Totals:
    """One person, one question in each cell."""
    values = np.asarray(cells_of_state, dtype=np.float64)[:, None, :]
    return Totals(values, np.ones((1, values.shape[2])))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (5, (1, 25, 55, 78)),  # |100 - 10| and |10 - 10| are worse than |80 - 30| and |30 - 30|
        (15, (3, 5, 25, 70)),
        (0, (0, 60, 90, 80)),
    ],
)
def test_the_nearest_state_is_judged_cell_by_cell(loss: float, expected: tuple[float, ...]) -> None:
    """A model that over-forgets names and keeps faces is not near to retrained, although its mean may be."""
    forget = people((90, 90), (80, 30), (55, 5), (30, 20), (0, 0))
    utility = people((80,), (78,), (76,), (70,), (10,))
    trajectory = Trajectory(forget, (utility,), people((30, 30)))
    state = best_state(trajectory, [0, 1, 2, 3, 5], loss)
    assert (state.passes, state.distance, state.forget, state.utility) == expected
