"""Protects what is read off trajectories, on paths whose answers can be read off a drawing."""

from __future__ import annotations

import numpy as np
import pytest

from mllmu.evaluation.scoring.equal_utility import (
    EqualUtility,
    Totals,
    Trajectory,
    compare_at_equal_utility,
    nearest_within_loss,
    p_value_of_being_further,
    utility_at_crossing,
)
from mllmu.report.tables.equal_utility_table import LOSSES, _block
from mllmu.report.tables.grid import Mark
from mllmu.unlearning.lineage import VANILLA_LINEAGE


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
        # It loses too much and comes back: from 5 below, three quarters of the way, to the last state.
        ((90, 60, 20), (80, 60, 80), 10, 5, 20),
        ((90, 60, 20), (80, 60, 80), 40, 5, 30),
        ((90, 60, 20, 10), (80, 60, 70, 60), 10, 5, 82.5),  # here it does not come back
        ((90, 95, 99), (80, 80, 80), 10, 5, 90),  # it only learns: vanilla is nearest
        ((90, 2, 1), (80, 90, 90), 10, 5, 10),
        ((90, 20), (80, 80), 30, 5, 30),
    ],
)
def test_nearest_to_retrained_where_enough_is_kept(
    forget: tuple[float, ...], utility: tuple[float, ...], retrained: float, loss: float, expected: float
) -> None:
    """In points; the first state is vanilla."""
    near = nearest_within_loss(rows(*forget), rows(*utility), np.asarray([float(retrained)]), loss)
    assert near.tolist() == [expected]


def test_what_cannot_be_had_in_parts_counts_whole_or_not_at_all() -> None:
    """Half a prompt is no model."""
    retrained = np.asarray([10.0])
    for utility, expected in ((76, 30), (74, 90)):
        assert nearest_within_loss(rows(90, 30), rows(80, utility), retrained, 5, False).tolist() == [
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
    """Two of four are forgotten: the mean is exact, and four people leave nearly everything possible."""
    forget = people([100, 100, 100, 100], [0, 100, 0, 100])
    keep = people([100, 100, 100], [100, 100, 100])
    retrained = people([0, 0, 0, 0])
    result = compare_at_equal_utility({0: Trajectory(forget, (keep, keep), retrained)}, (5.0,), seed=0)
    at, away = result.forget[5.0], result.distance[5.0]
    assert (at.value, at.n, at.n_people) == (50, 16, 4)
    assert 0 < at.low < 10 and 90 < at.high < 100
    assert away.value == 50 and away.low < 0 and 90 < away.high <= 100
    assert result.utility is None


def test_people_who_are_all_alike_are_not_certain() -> None:
    """Ten people, all right before and after: 0.025^(1/10) = 0.6915 is the least share that explains it."""
    same = people([100.0] * 10, [100.0] * 10)
    result = compare_at_equal_utility({0: Trajectory(same, (same,), people([0.0] * 10))}, (5.0,), seed=0)
    assert result.forget[5.0].low == pytest.approx(69.15, abs=0.01) and result.forget[5.0].high == 100
    # The retrained model's reaches to 30.85; nothing says that the two go together: (100 - 69.15) sqrt(2).
    assert result.distance[5.0].low == pytest.approx(100 - 30.85 * 2**0.5, abs=0.01)


def test_seeds_are_read_one_by_one_and_widen_the_interval() -> None:
    """One seed stops at 60, the other at 20, above a retrained model at 0.

    Student's t of two seeds is 12.7, and their mean's standard error 20: the interval is all there is.
    """
    retrained = people([0.0] * 5)
    ways = {
        seed: Trajectory(people([100.0] * 5, [level] * 5), (people(*[[100.0] * 5] * 2),), retrained)
        for seed, level in ((3, 60.0), (4, 20.0))
    }
    result = compare_at_equal_utility(ways, (5.0,), seed=0)
    assert (result.forget[5.0].value, result.forget[5.0].low, result.forget[5.0].high) == (40, 0, 100)
    assert {seed: gaps[0] for seed, gaps in result.distances[5.0].items()} == {3: 60, 4: 20}
    alone = compare_at_equal_utility({4: ways[4]}, (5.0,), seed=0)
    assert alone.forget[5.0].high < 100


def test_seeds_on_either_side_of_retrained_do_not_make_up_for_one_another() -> None:
    """One seed ends 20 points above retrained and one 20 below; another model 6 above with both."""
    keep, retrained = people(*[[100.0] * 12] * 2), people([30.0] * 12)

    def ending_at(*levels: float) -> EqualUtility:
        ends = [people([100.0] * 12, [level] * 12) for level in levels]
        ways = {seed: Trajectory(end, (keep,), retrained, is_gradual=False) for seed, end in enumerate(ends)}
        return compare_at_equal_utility(ways, LOSSES, seed=0)

    balanced, near = ending_at(50, 10), ending_at(36, 36)
    assert (balanced.distance[5.0].value, balanced.apart(5.0)) == (0, 20)
    assert (near.distance[5.0].value, near.apart(5.0)) == (6, 6)
    lineages = [VANILLA_LINEAGE.unlearned(method, "both") for method in ("ga", "npo")]
    block = _block("All questions", dict(zip(lineages, (balanced, near), strict=True)))
    assert [row.title for row in block.methods] == ["NPO", "GA"]


def test_being_further_is_told_by_the_seeds_that_two_models_share() -> None:
    """Twelve people who agree give no less than 2 in 2^12; a model of another seed cannot be compared."""
    keep, retrained = people(*[[100.0] * 12] * 2), people([0.0] * 12)

    def stopping_at(level: float, seed: int) -> EqualUtility:
        way = Trajectory(people([100.0] * 12, [level] * 12), (keep,), retrained)
        return compare_at_equal_utility({seed: way}, LOSSES, seed=0)

    near, far, other = stopping_at(20, 0), stopping_at(60, 0), stopping_at(60, 1)
    assert p_value_of_being_further(far, near, 5.0) == 2**-11
    assert p_value_of_being_further(near, near, 5.0) == 1
    assert p_value_of_being_further(other, near, 5.0) is None
    lineages = [VANILLA_LINEAGE.unlearned(method, "both") for method in ("ga", "npo", "kl_min")]
    block = _block("All questions", dict(zip(lineages, (far, near, other), strict=True)))
    bold = [row.title for row in block.methods if row.cells[0].mark is Mark.BEST]
    assert bold == ["NPO"], "KL Min. has no seed in common with it"


def test_equal_draws_give_equal_numbers() -> None:
    """The seed is all that is drawn by."""
    rng = np.random.default_rng(1)
    forget, keep = (people(*(rng.uniform(0, 100, 9).tolist() for _ in range(3))) for _ in range(2))
    trajectory = Trajectory(forget, (keep,), people(rng.uniform(0, 30, 9).tolist()))
    first, again, other = (compare_at_equal_utility({0: trajectory}, (5, 15), seed) for seed in (0, 0, 1))
    assert first == again != other
