"""Protects arithmetic on weights: signs, scales, and that nothing is lost to a coarse number format."""

from __future__ import annotations

import torch
from torch import nn

from mllmu.unlearning.weights.weight_differences import difference_from, float32_weights, set_weights


def layer(*weights: float, dtype: torch.dtype = torch.float32) -> nn.Linear:
    made = nn.Linear(len(weights), 1, bias=False, dtype=dtype)
    made.weight.data = torch.tensor([weights], dtype=dtype)
    return made


def test_a_negated_task_vector() -> None:
    """From (1, 2) to (1.5, 1) is (0.5, -1); twice the other way from (1, 2) is (1 - 1, 2 + 2) = (0, 4)."""
    model, start = layer(1.5, 1.0), {"weight": torch.tensor([[1.0, 2.0]])}
    difference = difference_from(model, start)
    assert difference["weight"].tolist() == [[0.5, -1.0]]
    set_weights(model, start, difference, scale=-2.0)
    assert model.weight.tolist() == [[0.0, 4.0]]


def test_a_scale_of_zero_gives_back_the_start_to_the_last_bit() -> None:
    model, start = layer(0.3, -0.0), {"weight": torch.tensor([[0.1, -0.0]])}
    set_weights(model, start, difference_from(model, start), scale=-0.0)
    assert torch.equal(model.weight, start["weight"])


def test_small_differences_of_bfloat16_weights_add_up() -> None:
    """In bfloat16, 1 + 0.001 is 1, so that nine such steps would be lost; together they are 1.0078125."""
    model = layer(1.0, dtype=torch.bfloat16)
    with float32_weights(model, {"weight"}) as start, torch.no_grad():
        for _ in range(9):
            model.weight += 0.001
        assert start["weight"].tolist() == [[1.0]]
    assert model.weight.dtype == torch.bfloat16
    assert model.weight.item() == 1.0078125


def test_other_parameters_keep_their_type() -> None:
    model = nn.Sequential(layer(1.0, dtype=torch.bfloat16), layer(2.0, dtype=torch.bfloat16))
    with float32_weights(model, {"0.weight"}) as start:
        assert [p.dtype for p in model.parameters()] == [torch.float32, torch.bfloat16]
        assert set(start) == {"0.weight"}
