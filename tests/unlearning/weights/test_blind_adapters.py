"""Protects adapters that are blind to some directions: projections and gaps by hand, and the subtraction."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from mllmu.errors import UserError
from mllmu.unlearning.weights.blind_adapters import (
    BlindAdapter,
    blind_adapters,
    directions_of,
    distillation_gap,
    distillation_gaps,
    without_directions,
)


def test_a_matrix_loses_what_the_features_span() -> None:
    """(2, 2, 0) and (-1, -1, 0) span (1, 1, 0)/sqrt 2: (3, 1, 5) becomes (1, -1, 5), (1, 1, 0) nothing."""
    directions = directions_of(torch.tensor([[2.0, 2.0, 0.0], [-1.0, -1.0, 0.0]]))
    assert directions.shape == (1, 3)
    assert directions.abs().flatten().tolist() == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 0])
    left = without_directions(torch.tensor([[3.0, 1.0, 5.0], [1.0, 1.0, 0.0]]), directions)
    torch.testing.assert_close(left, torch.tensor([[1.0, -1.0, 5.0], [0.0, 0.0, 0.0]]))


def test_pictures_that_span_everything_leave_nothing() -> None:
    with pytest.raises(UserError, match="3 pictures to retain leave none of 2 directions"):
        directions_of(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))


def test_gaps_between_directions() -> None:
    """The same, twice as long: 0; at right angles: 1; opposite: 2."""
    teacher = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    student = torch.tensor([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    torch.testing.assert_close(distillation_gap(teacher, student), torch.tensor([0.0, 1.0, 2.0]))


def layer() -> nn.Linear:
    made = nn.Linear(3, 2)
    nn.init.normal_(made.weight, generator=torch.Generator().manual_seed(1))
    return made


def test_adapters_are_added_meanwhile_and_subtracted_afterwards() -> None:
    """B = (2, 0), A = (1, 1, 1), blind to the first direction: the difference is (0, 2, 2) and zeros."""
    model = nn.Sequential(layer())
    before = model[0].weight.detach().clone()
    difference = torch.tensor([[0.0, 2.0, 2.0], [0.0, 0.0, 0.0]])
    with blind_adapters(model, {"0": torch.tensor([[1.0, 0.0, 0.0]])}, rank=1, seed=0) as adapters:
        adapters["0"].a.data, adapters["0"].b.data = torch.ones(1, 3), torch.tensor([[2.0], [0.0]])
        torch.testing.assert_close(model[0].weight, before + difference)
    torch.testing.assert_close(model[0].weight, before - difference)
    assert set(model.state_dict()) == {"0.weight", "0.bias"}


def test_what_the_adapter_is_blind_to_is_as_before() -> None:
    model, seen = nn.Sequential(layer()), torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    before, other = model(seen), model(torch.ones(1, 3))
    with blind_adapters(model, {"0": directions_of(seen)}, rank=2, seed=0) as adapters:
        adapters["0"].b.data += 1
        torch.testing.assert_close(model(seen), before)
    torch.testing.assert_close(model(seen), before)
    assert (model(torch.ones(1, 3)) - other).abs().max() > 0.01


def test_a_gap_compares_the_layer_without_adapter_with_the_adapter_alone() -> None:
    """For one adapter set to minus the weight on (0, 1, 1), they are opposite; a bias is part of neither."""
    model = nn.Sequential(layer())
    hidden = torch.tensor([[[0.0, 1.0, 1.0]]], requires_grad=True)
    weight = model[0].weight.detach().clone()
    with blind_adapters(model, {"0": torch.tensor([[1.0, 0.0, 0.0]])}, rank=2, seed=0) as adapters:
        adapters["0"].a.data, adapters["0"].b.data = -weight, torch.eye(2)
        with distillation_gaps(model, adapters) as gaps:
            model(hidden)
        torch.testing.assert_close(gaps["0"], torch.tensor([[2.0]]))
        gaps["0"].sum().backward()
        assert hidden.grad is None


def test_the_same_seed_draws_the_same_adapter() -> None:
    draws = [
        BlindAdapter(torch.ones(2, 3), torch.zeros(0, 3), 2, torch.Generator().manual_seed(seed)).difference()
        for seed in (0, 0, 1)
    ]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
