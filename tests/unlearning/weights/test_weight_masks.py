"""Protects masks: how many weights are selected, over all parameters together, and that none is an error."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.unlearning.weights.weight_masks import ratio_at_least, top_share

SALIENCY = {"a": torch.tensor([[1.0, 5.0], [0.0, 2.0]]), "b": torch.tensor([4.0, 3.0])}


def lists(masks: dict[str, Tensor]) -> dict[str, list[object]]:
    return {name: mask.tolist() for name, mask in masks.items()}


def test_the_top_share_is_ranked_over_all_parameters_together() -> None:
    """Half of six are the largest three, 5, 4 and 3; half of each parameter would take 2 in place of 3."""
    masks = lists(top_share(SALIENCY, 0.5))
    assert masks == {"a": [[False, True], [False, False]], "b": [True, True]}


def test_everything_is_everything_and_equals_are_taken_in_order() -> None:
    assert all(mask.all() for mask in top_share(SALIENCY, 1.0).values())
    assert lists(top_share({"a": torch.ones(4)}, 0.5)) == {"a": [True, True, False, False]}


@pytest.mark.parametrize("share", [0.001, 0.3, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("exponent", [-140, -40, 0, 30])
def test_the_selection_is_that_of_sorting_all(share: float, exponent: int) -> None:
    """Whatever the size of the numbers, with many equal ones, zeros among them, and none joined."""
    draw = torch.Generator().manual_seed(0)
    shapes = {"a": (30, 40), "b": (7,), "c": (2, 3, 50)}
    rough = {name: torch.randint(0, 50, shape, generator=draw) for name, shape in shapes.items()}
    fine = {name: torch.rand(shape, generator=draw) for name, shape in shapes.items()}
    saliency = {name: (rough[name] + (fine[name] > 0.5) * fine[name]) * 2.0**exponent for name in shapes}
    joined = torch.cat([values.flatten() for values in saliency.values()])
    wanted = torch.zeros(len(joined), dtype=torch.bool)
    wanted[joined.argsort(descending=True, stable=True)[: round(share * len(joined))]] = True
    masks = top_share(saliency, share)
    assert torch.equal(torch.cat([mask.flatten() for mask in masks.values()]), wanted)


def test_parameters_without_saliency_take_no_part() -> None:
    """As A of fresh adapters: half of B's four weights are two, not four of eight with A."""
    masks = top_share({"lora_A": torch.zeros(4), "lora_B": torch.tensor([0.0, 2.0, 1.0, 0.0])}, 0.5)
    assert lists(masks) == {"lora_A": [False] * 4, "lora_B": [False, True, True, False]}


def test_no_weight_at_all_is_an_error() -> None:
    with pytest.raises(UserError, match="of the 0 weights with a saliency is none"):
        top_share({"a": torch.zeros(2)}, 0.5)
    with pytest.raises(UserError, match=r"0.01 of the 6 weights"):
        top_share(SALIENCY, 0.01)


def test_ratios() -> None:
    """2/1, 1/2, 0/0, 1/0 and 0/1 against 1: the first and the fourth; 0/0 is no reason."""
    forget = {"a": torch.tensor([2.0, 1.0, 0.0, 1.0, 0.0])}
    keep = {"a": torch.tensor([1.0, 2.0, 0.0, 0.0, 1.0])}
    assert lists(ratio_at_least(forget, keep, 1.0)) == {"a": [True, False, False, True, False]}
    assert lists(ratio_at_least(forget, keep, 0.5)) == {"a": [True, True, False, True, False]}
    assert lists(ratio_at_least(forget, keep, 2.5)) == {"a": [False, False, False, True, False]}
    with pytest.raises(UserError, match="no weight matters 1 times as much"):
        ratio_at_least({"a": torch.zeros(5)}, keep, 1.0)
