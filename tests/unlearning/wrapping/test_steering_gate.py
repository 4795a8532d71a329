"""Protects the gate of steering: open on forget states, shut on the space of retain states."""

import torch

from mllmu.models.wrappers import SteeredLayer
from mllmu.unlearning.wrapping.steering_gate import null_space, steering_gate


def moments(states):
    return states.mean(0), states.T @ states / len(states)


def test_null_space_removes_the_directions_that_hold_the_energy():
    """Second moment diag(90, 9, 1): 90 % of the energy is the first direction, 99 % the first two."""
    moment = torch.diag(torch.tensor([90.0, 9.0, 1.0], dtype=torch.float64))
    for energy, stays in ((0.5, (0, 1, 1)), (0.9, (0, 1, 1)), (0.95, (0, 0, 1)), (0.995, (0, 0, 0))):
        expected = torch.diag(torch.tensor(stays, dtype=torch.float64))
        torch.testing.assert_close(null_space(moment, energy), expected)


def test_no_energy_removes_no_direction():
    """However large states are, though sums are rounded; it would mostly be the strongest one."""
    for seed in range(30):
        states = 30 * torch.randn(500, 64, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        identity = torch.eye(64, dtype=torch.float64)
        torch.testing.assert_close(null_space(moments(states)[1], 0.0), identity)


def test_gate_by_hand():
    """States (1, 0), (3, 0) without projection: S = 5 in the first direction, m = 2, and 0 in the second.

    Mean eigenvalue 5 / 2, ridge 1/5 of it: c = 1/2; g = m / (S + c) = 2 / 5.5 in the first direction.
    """
    states = torch.tensor([[1.0, 0.0], [3.0, 0.0]], dtype=torch.float64)
    gate = steering_gate(*moments(states), torch.eye(2, dtype=torch.float64), ridge=0.2)
    torch.testing.assert_close(gate, torch.tensor([2 / 5.5, 0.0], dtype=torch.float64))


def test_gate_is_shut_on_what_is_retained_and_open_on_what_is_forgotten():
    """Retain states in a plane of four dimensions, forget states with a part outside of it."""
    generator = torch.Generator().manual_seed(0)
    plane = torch.randn(50, 2, generator=generator, dtype=torch.float64)
    retained = torch.cat([plane, torch.zeros(50, 2, dtype=torch.float64)], 1)
    forgotten = retained[:10] + torch.tensor([0, 0, 2.0, 1.0], dtype=torch.float64)
    projection = null_space(moments(retained)[1], 0.9999)
    gate = steering_gate(*moments(forgotten), projection, ridge=1e-6)
    assert (retained @ gate).abs().max() < 1e-9
    torch.testing.assert_close(forgotten @ gate, torch.ones(10, dtype=torch.float64), atol=1e-4, rtol=0)


def test_where_nothing_is_left_the_gate_stays_shut():
    states = torch.eye(3, dtype=torch.float64)
    gate = steering_gate(*moments(states), torch.zeros(3, 3, dtype=torch.float64), ridge=0.1)
    assert not gate.any() and gate.isfinite().all()


def test_a_state_is_moved_as_far_as_its_gate_opens():
    """h = (1, 2), g = (0, 1/2), r = (3, 0): g . h = 1, so that h becomes (4, 2); (5, 0) stays."""
    layer = SteeredLayer(0, torch.tensor([0.0, 0.5]), torch.tensor([3.0, 0.0]))
    moved = layer.steered(torch.tensor([[[1.0, 2.0], [5.0, 0.0]]]))
    assert moved.tolist() == [[[4.0, 2.0], [5.0, 0.0]]]
    assert layer.steered(torch.ones(1, 1, 2, dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_without_energy_nothing_is_removed():
    moment = torch.diag(torch.tensor([2.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(null_space(moment, 0.0), torch.eye(2, dtype=torch.float64))
