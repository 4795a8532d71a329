"""Protects MMUnlearner: ascent on selected weights alone, descent on all, and what counts as to be kept."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.training.trainability import trainable
from mllmu.unlearning import Job, unlearn
from mllmu.unlearning.methods.procedures.mmunlearner import MMUnlearner, MMUnlearnerSettings
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.taught_model import (
    BENCHMARK,
    FORGET,
    MODALITIES,
    QUICK,
    RETAIN,
    SPLIT,
    taught_model,
    unlearned,
)

STILL: dict[str, Any] = {**QUICK, "optimizer": "sgd", "learning_rate": 0.1, "max_grad_norm": 0}


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "mmunlearner", modality, **QUICK, passes=6)
    assert answer_loss(loaded, asked) > before + 1


@pytest.mark.parametrize("lora", [None, {"r": 2, "dropout": 0.0}])
def test_without_retaining_only_selected_weights_move(lora: object) -> None:
    """With adapters, the selected ones are of B: A has no gradient yet, so nothing of it may be selected."""
    loaded = taught_model()
    method = MMUnlearner(MMUnlearnerSettings(**STILL, alpha=0, lora=lora))
    masks: dict[str, torch.Tensor] = {}
    original = method._masks

    def chosen(job: Job, learner: Any) -> dict[str, torch.Tensor]:
        masks.update(original(job, learner))
        return masks

    method._masks = chosen  # type: ignore[method-assign]
    state = weights(loaded)
    method.apply(Job(FORGET, RETAIN, seed=0, loaded=loaded))
    assert changed(state, loaded)
    selected = sum(int(mask.sum()) for mask in masks.values())
    assert 0 < selected < sum(mask.numel() for mask in masks.values())
    if lora:
        assert not any(mask.any() for name, mask in masks.items() if "lora_A" in name)
        assert any(mask.any() for name, mask in masks.items() if "lora_B" in name)
    else:
        after = dict(loaded.model.named_parameters())
        for name, mask in masks.items():
            assert torch.equal(after[name][~mask], state[name][~mask])


def test_without_forgetting_it_only_learns_the_retained() -> None:
    loaded = taught_model()
    before = answer_loss(loaded, RETAIN)
    unlearned(loaded, "mmunlearner", **QUICK, passes=4, gamma=0.0)
    assert answer_loss(loaded, RETAIN) < before


def test_missing_questions_and_a_mask_of_nothing_are_errors() -> None:
    loaded = taught_model()
    state = weights(loaded)
    alone = type(SPLIT)(20, SPLIT.forget, ())
    with pytest.raises(UserError, match="'mmunlearner' got nothing to retain"):
        unlearn("mmunlearner", loaded, BENCHMARK, alone, "text", {}, 0)
    with pytest.raises(UserError, match=r"no weight matters 1e.12 times as much"):
        unlearned(loaded, "mmunlearner", threshold=1e12, train_projector=False)
    assert not changed(state, loaded)


@pytest.mark.parametrize("modality", MODALITIES)
def test_what_matters_alike_for_both_is_selected_in_every_part(modality: str) -> None:
    """To forget and to keep are the very same questions, so that no weight matters more for one."""
    loaded = taught_model()
    same = training_samples(BENCHMARK, SPLIT.retain, modality)  # type: ignore[arg-type]
    settings = MMUnlearnerSettings(**STILL, threshold=0.99, train_vision=True, forget_tokens="answer")
    job = Job(same, same, seed=0, loaded=loaded, make_both_forms=lambda: ([], same))
    with trainable(loaded.model, settings, 0) as learner:
        masks = MMUnlearner(settings)._masks(job, learner)
    for part in ("vision_tower", "multi_modal_projector", "language_model"):
        share = torch.cat([mask.flatten() for name, mask in masks.items() if part in name]).double().mean()
        assert share > 0.8 or (modality == "text" and part != "language_model"), (part, share)
