"""Protects where models are compared that have lost equally much utility."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.matched_utility import at_position, position_at_loss


@pytest.mark.parametrize(
    ("utility", "expected"),
    [
        ([90, 89, 81], 1.5),  # 85 lies half way between 89 and 81
        ([90, 80], 0.5),
        ([90, 85, 80], 1.0),  # 85 is not yet too much
        ([90, 88, 87], 2.0),  # never
        ([90, 80, 95, 70], 2.4),  # the last time counts
        ([90, 80, 88], 2.0),  # it comes back
        ([90], 0.0),
    ],
)
def test_the_last_loss_of_five_points_is_found(utility: list[float], expected: float) -> None:
    assert position_at_loss(utility, 5) == pytest.approx(expected)


def test_between_two_states_the_way_is_straight() -> None:
    """A quarter of the way from (80, 40) to (40, 0) is (70, 30)."""
    states = np.array([[100.0, 60.0], [80.0, 40.0], [40.0, 0.0]])
    assert at_position(states, 1.25).tolist() == [70, 30]
    assert at_position(states, 2.0).tolist() == [40, 0]
