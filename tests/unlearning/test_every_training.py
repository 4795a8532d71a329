"""Protects what holds for every method that trains, through the real trainer: steps and options."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.training import training_samples
from mllmu.unlearning import METHODS, TrainedMethod, method_names, unlearn
from tests.training.people import answer_loss, people_with_values, small_model, weights

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]  # two people with two questions each: a pass is four samples
TRAINED = [name for name in method_names() if issubclass(METHODS.get(name), TrainedMethod)]
SETTINGS: dict[str, Any] = {"learning_rate": 1e-2, "batch_size": 2, "precision": "float32", "passes": 4}


@pytest.fixture(scope="module")
def start() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    """A model with random weights, and these weights."""
    loaded = small_model()
    return loaded, weights(loaded)


def trained(
    start: tuple[LoadedModel, dict[str, torch.Tensor]],
    method: str,
    **settings: Any,
) -> dict[str, torch.Tensor]:
    """The weights after an unlearning; ``start`` holds the model itself."""
    loaded, state = start
    loaded.model.load_state_dict(state)
    modality = METHODS.get(method).modalities[-1]
    unlearn(method, loaded, BENCHMARK, SPLIT, modality, {**SETTINGS, **settings}, seed=0)
    return weights(loaded)


@pytest.mark.parametrize("method", TRAINED)
def test_one_batch_of_eight_is_four_batches_of_two(
    start: tuple[LoadedModel, dict[str, torch.Tensor]], method: str
) -> None:
    """Same pairs, same steps: no mean over tokens or samples of any half may depend on how a step is cut.

    In the second step what begins at the frozen model has a gradient too; methods that take turns have had
    both.
    """
    settings: dict[str, Any] = {
        # No more than a touch: what is cut otherwise is rounded otherwise, and large steps would magnify it.
        "learning_rate": 0.02,
        "optimizer": "sgd",
        "max_grad_norm": 0,
        "schedule": "constant_with_warmup",
        "decouple": 0.5,
        "l1": 1e-4,
    }
    steps = []
    for batch_size, accumulation in ((8, 1), (2, 4)):
        after = trained(start, method, batch_size=batch_size, gradient_accumulation=accumulation, **settings)
        steps.append({name: after[name] - before for name, before in start[1].items()})
    largest = max(float(step.abs().max()) for step in steps[0].values())
    assert largest > 1e-4
    for name, step in steps[0].items():
        # Rounding is 1e-6 of the largest step, and 1e-5 by MIP-Editor, whose steps are the smallest.
        torch.testing.assert_close(steps[1][name], step, rtol=1e-3, atol=1e-3 * largest, msg=name)


@pytest.mark.parametrize("lora", [None, {"r": 4, "dropout": 0.0}])
def test_l1_holds_the_weights(start: tuple[LoadedModel, dict[str, torch.Tensor]], lora: Any) -> None:
    """The heavier it is, the less moves; with adapters what they add up to counts, and not the adapters."""

    def distance(l1: float) -> float:
        after = trained(
            start, "ga", l1=l1, lora=lora, optimizer="sgd", learning_rate=0.1, train_projector=False
        )
        return float(sum((after[name] - before).abs().sum() for name, before in start[1].items()))

    free, held = distance(0.0), distance(1e-2)
    assert free > 0
    assert held < 0.9 * free


def test_decoupling_keeps_others_who_are_asked_the_same(
    start: tuple[LoadedModel, dict[str, torch.Tensor]],
) -> None:
    """Ascent alone makes the question itself unanswerable."""
    others = training_samples(BENCHMARK, SPLIT.retain, "both")
    losses = []
    for weight in (0.0, 1.0):
        trained(start, "ga", decouple=weight, passes=8)
        losses.append(answer_loss(start[0], others))
    assert losses[1] < losses[0] - 1
