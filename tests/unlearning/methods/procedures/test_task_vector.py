"""Protects the task vector: it goes away from what fine-tuning goes to, as far as it is told."""

from __future__ import annotations

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.unlearning import unlearn
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.taught_model import BENCHMARK, MODALITIES, QUICK, SPLIT, taught_model, unlearned


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "task_vector", modality, **QUICK, passes=6, scale=2.0)
    assert answer_loss(loaded, asked) > before + 1


@pytest.mark.parametrize("lora", [None, {"r": 2, "dropout": 0.0}])
def test_nothing_is_taken_away_with_lambda_0(lora: object) -> None:
    loaded = taught_model()
    state = weights(loaded)
    unlearned(loaded, "task_vector", **QUICK, passes=1, scale=0, lora=lora)
    assert not changed(state, loaded)


def test_lambda_2_goes_twice_as_far_as_lambda_1_and_only_where_it_may() -> None:
    steps = []
    for scale in (1.0, 2.0):
        loaded = taught_model()
        state = weights(loaded)
        unlearned(loaded, "task_vector", **QUICK, passes=1, scale=scale)
        steps.append({name: now - state[name] for name, now in loaded.model.state_dict().items()})
    assert max(float(step.abs().max()) for step in steps[0].values()) > 1e-3
    for name, step in steps[0].items():
        torch.testing.assert_close(steps[1][name], 2 * step, rtol=1e-3, atol=1e-6)
    assert not any(step.any() for name, step in steps[0].items() if "vision_tower" in name)


def test_nobody_to_forget_is_an_error() -> None:
    nobody = type(SPLIT)(20, (), SPLIT.retain)
    with pytest.raises(UserError, match="'task_vector' got nothing to forget"):
        unlearn("task_vector", taught_model(), BENCHMARK, nobody, "text", {}, 0)
