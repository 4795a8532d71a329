"""Protects where models are compared that have lost equally much utility."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.matched_utility import at_position, common_loss, position_at_loss


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


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ([[90, 80], [90, 70]], 5),
        ([[90, 80], [90, 87]], 3),  # never more than 3 on the second way
        ([[90, 80, 88], [90, 70]], 2),  # what counts is the end, as where the last loss is looked for
        ([[90, 80], [90, 91]], 0),
    ],
)
def test_all_have_lost_as_much_as_the_one_that_lost_least(ways: list[list[float]], expected: float) -> None:
    assert common_loss(ways, 5) == expected
    for utility in ways:
        lost = utility[0] - at_position(np.array(utility, dtype=float), position_at_loss(utility, expected))
        assert lost == pytest.approx(expected) or utility[-1] > utility[0]


def test_between_two_states_the_way_is_straight() -> None:
    """A quarter of the way from (80, 40) to (40, 0) is (70, 30)."""
    states = np.array([[100.0, 60.0], [80.0, 40.0], [40.0, 0.0]])
    assert at_position(states, 1.25).tolist() == [70, 30]
    assert at_position(states, 2.0).tolist() == [40, 0]
