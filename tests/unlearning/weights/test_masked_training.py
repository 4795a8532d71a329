"""Protects masked training: a gradient by hand, and weights that stay to the last bit in the trainer."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from mllmu.unlearning import Job, UnlearningSettings
from mllmu.unlearning.pairing.pair_trainer import Prepared
from mllmu.unlearning.pairing.pair_training import train_on_pairs
from mllmu.unlearning.weights.masked_training import MaskedUpdates, with_masked_gradient
from tests.training.people import weights
from tests.unlearning.taught_model import FORGET, RETAIN, taught_model


def test_a_masked_gradient_and_what_is_added_to_it() -> None:
    """Of 1 + 4 + 9 by (1, 2), 3 it is (2, 4), 6; masked (2, 0), 0. Adding the sum of all gives (3, 1), 1."""
    parameters = {"a": nn.Parameter(torch.tensor([1.0, 2.0])), "b": nn.Parameter(torch.tensor(3.0))}
    squares = parameters["a"].square().sum() + parameters["b"].square()
    masks = {"a": torch.tensor([True, False]), "b": torch.tensor(False)}
    masked = with_masked_gradient(squares, parameters, masks)
    assert masked.item() == 14
    (masked + parameters["a"].sum() + parameters["b"]).backward()
    assert parameters["a"].grad is not None and parameters["b"].grad is not None
    assert (parameters["a"].grad.tolist(), parameters["b"].grad.item()) == ([3, 1], 1)


def test_infinite_gradients_of_unselected_weights_do_not_matter() -> None:
    """The square root has an infinite slope at 0, and zero times infinity is not a number."""
    parameters = {"a": nn.Parameter(torch.tensor([0.0, 4.0]))}
    masks = {"a": torch.tensor([False, True])}
    with_masked_gradient(parameters["a"].sqrt().sum(), parameters, masks).backward()
    assert parameters["a"].grad is not None
    assert parameters["a"].grad.tolist() == [0, 0.25]


@pytest.mark.parametrize("optimizer", ["adamw_torch", "sgd", "muon"])
def test_unselected_weights_stay_to_the_last_bit_despite_decay(optimizer: str) -> None:
    """One matrix learns in every other row, one as a whole, and nothing else does."""
    loaded = taught_model()
    state = weights(loaded)
    named = dict(loaded.model.named_parameters())
    part = next(name for name in named if name.endswith("layers.0.mlp.up_proj.weight"))
    whole = next(name for name in named if name.endswith("layers.1.mlp.down_proj.weight"))
    norm = next(name for name in named if name.endswith("layers.1.input_layernorm.weight"))
    masks = {name: torch.zeros_like(parameter, dtype=torch.bool) for name, parameter in named.items()}
    masks[part][::2] = True
    masks[whole][:] = True
    masks[norm][:] = True  # Muon wants something that is no matrix
    _train(loaded, masks, optimizer=optimizer, weight_decay=0.5, learning_rate=0.01)
    after = weights(loaded)
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, state[name])}
    assert changed == {part, whole, norm}
    assert torch.equal(after[part][1::2], state[part][1::2])
    assert (after[part][::2] != state[part][::2]).any(dim=1).all()


def test_gradients_are_masked_before_they_are_clipped() -> None:
    """One step of SGD at rate 0.1 with gradients clipped to norm 0.01 moves what may move by 0.001."""
    loaded = taught_model()
    state = weights(loaded)
    named = dict(loaded.model.named_parameters())
    masks = {name: torch.zeros_like(parameter, dtype=torch.bool) for name, parameter in named.items()}
    name = next(name for name in named if name.endswith("layers.0.mlp.up_proj.weight"))
    masks[name][:3] = True
    _train(
        loaded, masks, optimizer="sgd", max_grad_norm=0.01, learning_rate=0.1, schedule="constant_with_warmup"
    )
    moved = weights(loaded)[name] - state[name]
    assert moved.norm().item() == pytest.approx(0.001, rel=1e-3)


def _train(loaded: Any, masks: dict[str, torch.Tensor], **settings: Any) -> None:
    chosen = UnlearningSettings(passes=1, batch_size=4, precision="float32", **settings)
    job = Job(FORGET, RETAIN, seed=0, loaded=loaded)

    def prepare(model: nn.Module) -> Prepared:
        return Prepared(lambda step: step.forget.nll, [MaskedUpdates(model, masks)])

    train_on_pairs(job, chosen, frozenset(), prepare, "A test")
