"""Protects the sine parameterisation: its value and slope, what learns, and that a plain model comes out."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import module_map
from mllmu.unlearning import make_method
from mllmu.unlearning.weights.sine_projector import SineDifference, projector_matrices, sine_projector
from tests.families import FAMILIES, build_family
from tests.training.people import answer_loss, changed, small_model, weights
from tests.unlearning.taught_model import FORGET, QUICK, taught_model, unlearned


def test_value_and_slope() -> None:
    """2 + sin(pi/6) = 2.5, 2 + sin(3 pi/2) = 1; the slopes are cos(pi/6) = sqrt(3)/2 and 0."""
    difference = torch.tensor([math.pi / 6, 3 * math.pi / 2], requires_grad=True)
    weight = SineDifference(torch.tensor([2.0, 2.0]))(difference)
    torch.testing.assert_close(weight, torch.tensor([2.5, 1.0]))
    weight.sum().backward()
    torch.testing.assert_close(difference.grad, torch.tensor([math.sqrt(3) / 2, 0.0]))


def test_a_model_is_itself_before_the_first_step_and_after_none() -> None:
    loaded = small_model()
    state, before = weights(loaded), answer_loss(loaded, FORGET)
    with sine_projector(loaded.model):
        assert answer_loss(loaded, FORGET) == pytest.approx(before, abs=1e-6)
    assert set(loaded.model.state_dict()) == set(state)
    assert not changed(state, loaded)


def test_matrices_alone_learn() -> None:
    model = small_model().model
    with sine_projector(model):
        projector = model.get_submodule(module_map(model).projector)
        learning = {name for name, p in projector.named_parameters() if p.requires_grad}
    assert learning == {f"linear_{index}.parametrizations.weight.original" for index in (1, 2)}


@pytest.mark.parametrize("lora", [None, {"r": 2, "dropout": 0.0}])
def test_any_loss_forgets_through_it_and_biases_stay(lora: Any) -> None:
    """At a rate that would carry them far away, no weight of a matrix leaves its start by more than 1."""
    loaded = taught_model()
    state, before = weights(loaded), answer_loss(loaded, FORGET)
    settings = {**QUICK, "learning_rate": 0.3, "lora": lora, "sine_projector": True}
    may_change = make_method("grad_diff", settings).changes(loaded)
    unlearned(loaded, "grad_diff", **settings, passes=4)
    assert answer_loss(loaded, FORGET) > before + 1
    moved = changed(state, loaded)
    assert moved - {"lm_head.weight"} <= may_change
    matrices = projector_matrices(loaded.model)
    assert {*matrices} <= moved
    assert not any(name.startswith(module_map(loaded.model).projector) for name in moved - {*matrices})
    steps = [(loaded.model.get_parameter(name) - state[name]).abs().max().item() for name in matrices]
    assert 0.1 < max(steps) <= 1 + 1e-5


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_matrices_to_learn(name: str) -> None:
    model = build_family(name).model
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    with sine_projector(model):
        pass
    assert all(torch.equal(tensor, state[key]) for key, tensor in model.state_dict().items())


def test_a_projector_that_does_not_learn_cannot_learn_by_sines() -> None:
    with pytest.raises(
        UserError, match="'sine_projector' is True, but should be false where 'train_projector' is"
    ):
        make_method("ga", {"sine_projector": True, "train_projector": False})
