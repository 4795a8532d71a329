"""Protects what holds for every method that trains, through the real trainer: steps and options."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.training import OptimizationSettings, training_samples
from mllmu.unlearning import METHODS, TrainedMethod, method_names, unlearn
from tests.training.people import (
    answer_loss,
    people_with_values,
    small_model,
    small_settings,
    weights,
    weights_and_wrappers,
)

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]  # two people with two questions each: a pass is four samples
TRAINED = [name for name in method_names() if issubclass(METHODS.get(name), TrainedMethod)]
OTHERS = [
    name
    for name in method_names()
    if name not in TRAINED and issubclass(METHODS.get(name).settings_type, OptimizationSettings)
]
OPTIONS: dict[str, Any] = {"decouple": 0.5, "l1": 1e-4}
"""Of every method that is a loss over pairs."""
OPTIONS_OF_OTHERS: dict[str, dict[str, Any]] = {
    "task_vector": {"l1": 1e-4},
    "smfa": {"l1": 1e-4},
    "null_space": {},
    "uld": {"l1": 1e-4},
    "offset": {"l1": 1e-4},
    "lumoe": {"lora": {"r": 4, "dropout": 0.0}},
}
SETTINGS: dict[str, Any] = {"learning_rate": 1e-2, "batch_size": 2, "precision": "float32", "passes": 4}
# No more than a touch: what is cut otherwise is rounded otherwise, and large steps would magnify it.
TOUCH: dict[str, Any] = {
    "learning_rate": 0.02,
    "optimizer": "sgd",
    "max_grad_norm": 0,
    "schedule": "constant_with_warmup",
}


@pytest.fixture(scope="module")
def start() -> tuple[LoadedModel, dict[str, torch.Tensor]]:
    """A model with random weights, and these weights."""
    loaded = small_model(layers=1)
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
    unlearn(
        method, loaded, BENCHMARK, SPLIT, modality, {**SETTINGS, **small_settings(method), **settings}, seed=0
    )
    return weights(loaded)


@pytest.mark.parametrize("method", TRAINED)
def test_one_batch_of_eight_is_four_batches_of_two(
    start: tuple[LoadedModel, dict[str, torch.Tensor]], method: str
) -> None:
    """Same pairs, same steps: no mean over tokens or samples of any half may depend on how a step is cut.

    In the second step what begins at the frozen model has a gradient too; methods that take turns have had
    both.
    """
    steps = []
    for size in (8, 2):
        settings = {"batch_size": size, "gradient_accumulation": 8 // size, **TOUCH, **OPTIONS}
        after = trained(start, method, **settings)
        steps.append({name: after[name] - before for name, before in start[1].items()})
    largest = max(float(step.abs().max()) for step in steps[0].values())
    assert largest > 1e-4
    for name, step in steps[0].items():
        # Rounding is 1e-6 of the largest step, and 1e-5 by MIP-Editor, whose steps are the smallest.
        torch.testing.assert_close(steps[1][name], step, rtol=1e-3, atol=1e-3 * largest, msg=name)


@pytest.mark.parametrize("method", OTHERS)
def test_of_methods_beside_losses_eight_is_four_by_two(
    start: tuple[LoadedModel, dict[str, torch.Tensor]], method: str
) -> None:
    """What they train, of the weights or beside them, divides by the whole step as losses over pairs do.

    How often an adapter's input is dropped is drawn forward pass by forward pass, so that nothing is here.
    SMFA compares two differences entry by entry: where one is zero but for rounding, either cut may take the
    entry back.
    """

    def after(**changes: Any) -> dict[str, torch.Tensor]:
        loaded = replace(start[0], model=deepcopy(start[0].model))  # wrappers stay around what they are given
        loaded.model.load_state_dict(start[1])
        settings = {**SETTINGS, **TOUCH, **OPTIONS_OF_OTHERS[method], **changes}
        modality = METHODS.get(method).modalities[-1]
        return weights_and_wrappers(unlearn(method, loaded, BENCHMARK, SPLIT, modality, settings, seed=0))

    before = after(learning_rate=1e-12, passes=0.25)
    whole, parts = (after(batch_size=size, gradient_accumulation=8 // size) for size in (8, 2))
    largest = max(float((whole[name] - value).abs().max()) for name, value in before.items())
    assert largest > 1e-3
    apart = {name: int((parts[name] - value).abs().gt(1e-4 * largest).sum()) for name, value in whole.items()}
    assert sum(apart.values()) <= (10 if method == "smfa" else 0), apart


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
