"""Protects what is read off trajectories, on paths whose answers can be read off a drawing."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.equal_utility import (
    Totals,
    Trajectory,
    compare_at_equal_utility,
    nearest_before_loss,
    utility_at_crossing,
)


def rows(*values: float) -> np.ndarray:
    return np.asarray([values], dtype=np.float64)


@pytest.mark.parametrize(
    ("forget", "utility", "retrained", "loss", "expected"),
    [
        # Utility falls by 5 half-way between the second and the third state: 60 + (40 - 60) / 2.
        ((90, 60, 40), (80, 80, 70), 10, 5, 50),
        ((90, 60, 40), (80, 80, 70), 10, 15, 40),  # it never falls so far: the last state
        ((90, 60, 5), (80, 79, 78), 10, 5, 10),  # on its way it is at retrained
        ((90, 5, 60), (80, 80, 80), 10, 5, 10),
        ((90, 60, 20), (80, 60, 80), 10, 5, 82.5),  # what comes after it had lost too much does not count
        ((90, 95, 99), (80, 80, 80), 10, 5, 90),  # it only learns: vanilla is nearest
        ((90, 2, 1), (80, 90, 90), 10, 5, 10),
        ((90, 20), (80, 80), 30, 5, 30),
    ],
)
def test_nearest_to_retrained_before_too_much_is_lost(
    forget: tuple[float, ...], utility: tuple[float, ...], retrained: float, loss: float, expected: float
) -> None:
    """In points; the first state is vanilla."""
    near = nearest_before_loss(rows(*forget), rows(*utility), np.asarray([float(retrained)]), loss)
    assert near.tolist() == [expected]


def test_what_cannot_be_had_in_parts_counts_whole_or_not_at_all() -> None:
    """Half a prompt is no model."""
    retrained = np.asarray([10.0])
    for utility, expected in ((76, 30), (74, 90)):
        assert nearest_before_loss(rows(90, 30), rows(80, utility), retrained, 5, False).tolist() == [
            expected
        ]
    assert utility_at_crossing(rows(90, 5), rows(80, 20), retrained, False).tolist() == [20]


@pytest.mark.parametrize(
    ("forget", "utility", "expected"),
    [
        ((90, 50, 10), (80, 70, 60), 65),  # at 30, half-way of the second part
        ((90, 50, 40), (80, 70, 60), None),
        ((20, 50), (80, 70), 80),  # vanilla is there already
        ((90, 10, 90, 10), (80, 60, 50, 40), 65),  # the first time counts: a quarter before 60
    ],
)
def test_utility_where_retrained_is_reached(
    forget: tuple[float, ...], utility: tuple[float, ...], expected: float | None
) -> None:
    """Retrained is at 30."""
    (at,) = utility_at_crossing(rows(*forget), rows(*utility), np.asarray([30.0]))
    assert np.isnan(at) if expected is None else at == expected


def people(*states: list[float], questions: int = 4) -> Totals:
    """People with one cell, by their accuracy in each state."""
    values = np.asarray(states)[:, :, None] * questions
    return Totals(values, np.full((len(states[0]), 1), float(questions)))


def test_cells_count_the_same_however_many_questions_they_have() -> None:
    """One person with 1 of 1 in one cell and 0 of 9 in another is at a half."""
    totals = Totals(np.asarray([[[100.0, 0.0]]]), np.asarray([[1.0, 9.0]]))
    assert totals.means(np.ones((1, 1))).tolist() == [[50.0]]


def test_a_comparison_has_intervals_of_people() -> None:
    """Two of four are forgotten: the mean is exact, and which of them are drawn makes the interval."""
    forget = people([100, 100, 100, 100], [0, 100, 0, 100])
    keep = people([100, 100, 100], [100, 100, 100])
    retrained = people([0, 0, 0, 0])
    result = compare_at_equal_utility(Trajectory(forget, (keep, keep), retrained), (5.0,), seed=0)
    at = result.forget[5.0]
    assert (at.value, at.low, at.high, at.n_people) == (50, 0, 100, 4)
    assert result.distance[5.0].value == 50
    assert result.utility is None and 0 < result.reached < 0.2  # all four draws of the two


def test_equal_draws_give_equal_numbers() -> None:
    """The seed is all that is drawn by."""
    rng = np.random.default_rng(1)
    forget, keep = (people(*(rng.uniform(0, 100, 9).tolist() for _ in range(3))) for _ in range(2))
    trajectory = Trajectory(forget, (keep,), people(rng.uniform(0, 30, 9).tolist()))
    first, again, other = (compare_at_equal_utility(trajectory, (5, 15), seed) for seed in (0, 0, 1))
    assert first == again != other
