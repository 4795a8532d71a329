"""Protects losses on hidden states: values worked out by hand, and how answers of unequal length count."""

from __future__ import annotations

import torch

from mllmu.unlearning.loss_terms import unit_direction
from mllmu.unlearning.losses import mean_states, pooled_distance, state_distance
from tests.unlearning.losses.tiny_batch import MASK

# Two answer tokens of the first sample, one of the second.
STATES = torch.tensor([[1.0, 1.0], [3.0, 1.0], [0.0, 2.0]])


def test_states_are_compared_sample_by_sample() -> None:
    """To 0: means over width are 1, 5 and 2; over answers 3 and 2; over samples 2.5. Over tokens: 8/3."""
    states = STATES.clone().requires_grad_()
    value = state_distance(states, torch.zeros(2), MASK)
    assert value.item() == 2.5
    value.backward()
    # 2 h / width / tokens of the answer / samples.
    expected = STATES * torch.tensor([[1 / 4], [1 / 4], [1 / 2]])
    torch.testing.assert_close(states.grad, expected)


def test_states_that_are_where_they_should_be_cost_nothing() -> None:
    assert state_distance(STATES, STATES, MASK).item() == 0


def test_fused_states_are_means_over_answers() -> None:
    """(2, 1) of the first two rows, (0, 2) of the third; to 0: (5/2 + 4/2) / 2 = 2.25."""
    fused = mean_states(STATES, MASK)
    torch.testing.assert_close(fused, torch.tensor([[2.0, 1.0], [0.0, 2.0]]))
    assert pooled_distance(fused, torch.zeros(2, 2)).item() == 2.25


def test_fused_states_go_to_those_of_pairs_that_never_belonged_together() -> None:
    """From (2, 1) to (1, 3), from (0, 2) to itself: (1 + 4) / 2 / 2 = 5/4; 2 (h - w) / width / samples."""
    fused = torch.tensor([[2.0, 1.0], [0.0, 2.0]], requires_grad=True)
    value = pooled_distance(fused, torch.tensor([[1.0, 3.0], [0.0, 2.0]]))
    assert value.item() == 1.25
    value.backward()
    torch.testing.assert_close(fused.grad, torch.tensor([[0.5, -1.0], [0.0, 0.0]]))


def test_each_tokens_state_has_its_share_in_the_fused_one() -> None:
    """2 h / width / samples / tokens, to 0: (2, 1) / 2 / 2 on either row, (0, 2) / 2 on the third."""
    states = STATES.clone().requires_grad_()
    pooled_distance(mean_states(states, MASK), torch.zeros(2, 2)).backward()
    torch.testing.assert_close(states.grad, torch.tensor([[0.5, 0.25], [0.5, 0.25], [0.0, 1.0]]))


def test_the_direction_is_one_for_a_seed_and_points_one_way() -> None:
    """Norm 1, no entry negative, the same in every step and another for another seed."""
    direction = unit_direction(8, seed=3)
    torch.testing.assert_close(direction.norm().item(), 1.0)
    assert (direction >= 0).all()
    assert torch.equal(direction, unit_direction(8, seed=3))
    assert not torch.equal(direction, unit_direction(8, seed=4))
