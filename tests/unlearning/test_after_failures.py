"""Protects: a training that is stopped or fails leaves nothing in the model that later ones would meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models import LoadedModel, collate
from mllmu.training import SampleDataset, Upkeep, forget_samples
from mllmu.unlearning import make_method, unlearn
from tests.training.people import changed, people_with_values, small_model, weights

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
TRAINED: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 2, "precision": "float32", "passes": 2}


class Stopped(Exception):
    """As by somebody who waits no longer."""


def stop(done: int, total: int) -> None:
    if done:
        raise Stopped


def forgetting(loaded: LoadedModel, method: str, progress: Any = None, **changes: Any) -> LoadedModel:
    return unlearn(method, loaded, BENCHMARK, SPLIT, "both", {**TRAINED, **changes}, 0, progress)


def logits(loaded: LoadedModel) -> Tensor:
    (first, *_) = forget_samples(BENCHMARK, SPLIT, "text")
    items: Any = SampleDataset(loaded, [first])
    batch = collate([items[0]], loaded.encoder.pad_id)
    batch.pop("answer_mask")
    with torch.no_grad():
        whole: Tensor = loaded.model(**batch, use_cache=False).logits
    return whole


@pytest.mark.parametrize(
    ("method", "settings"), [("salun", {"share": 0.1}), ("mip_editor", {"steps": 2, "position": "answer"})]
)
def test_masks_of_a_stopped_training_hold_no_other_one_back(method: str, settings: dict[str, Any]) -> None:
    """Gradient ascent on the same model moves as many weights as on a new one."""
    stopped, new = small_model(), small_model()
    with pytest.raises(Stopped):
        forgetting(stopped, method, stop, **{**settings, "learning_rate": 1e-6})
    moved = []
    for loaded in (stopped, new):
        before = weights(loaded)
        forgetting(loaded, "ga")
        moved.append(changed(before, loaded))
    assert moved[0] == moved[1]
    assert not any(p._backward_hooks for p in stopped.model.parameters())


@pytest.mark.parametrize("method", ["uld", "offset", "lumoe"])
def test_what_a_stopped_method_added_is_not_heard(method: str) -> None:
    loaded = small_model()
    before = logits(loaded)
    with pytest.raises(Stopped):
        forgetting(loaded, method, stop, learning_rate=0.5)
    assert torch.equal(logits(loaded), before)
    assert (
        not torch.equal(logits(forgetting(loaded, method, learning_rate=0.05)), before) or method == "lumoe"
    )


def test_assistants_are_seen_whoever_holds_the_model() -> None:
    """The caller's handle lists no wrapper, and shares the module that they stand around."""
    loaded = small_model()
    forgetting(loaded, "uld")
    with pytest.raises(UserError, match="got a model that has assistants already"):
        forgetting(loaded, "offset")


@pytest.mark.parametrize(("batch_size", "accumulation"), [(8, 1), (8, 4), (3, 1), (4, 1)])
def test_the_log_ends_where_the_passes_do(batch_size: int, accumulation: int) -> None:
    """Also where the last step holds fewer samples than the others."""
    upkeep = Upkeep()
    settings = {**TRAINED, "passes": 1, "batch_size": batch_size, "gradient_accumulation": accumulation}
    unlearn("npo", small_model(), BENCHMARK, SPLIT, "text", settings, 0, upkeep=upkeep)
    passes = [step["passes"] for step in upkeep.log]
    assert passes == sorted(passes) and passes[-1] == 1


def test_a_training_of_one_step_takes_it_whatever_the_warm_up() -> None:
    """The first step of a warm-up has a rate of zero."""
    loaded = small_model()
    before = weights(loaded)
    forgetting(loaded, "ga", batch_size=64, passes=1, warmup_ratio=0.1)
    assert changed(before, loaded)


@pytest.mark.parametrize("method", ["null_space", "mip_editor", "lumoe"])
def test_muon_serves_where_matrices_alone_learn(method: str) -> None:
    settings = {"lumoe": {}, "null_space": {"rank": 2}, "mip_editor": {"steps": 2, "position": "answer"}}[
        method
    ]
    loaded = small_model()
    before, answer = weights(loaded), logits(loaded)
    made = forgetting(loaded, method, optimizer="muon", **settings)
    assert changed(before, made) or method == "lumoe"
    assert torch.isfinite(logits(made)).all() and answer.shape == logits(made).shape


@pytest.mark.parametrize("train_vision", [True, False])
def test_mip_editor_says_which_weights_it_may_change(train_vision: bool) -> None:
    loaded = small_model()
    names = make_method("mip_editor", {"train_vision": train_vision}).changes(loaded)
    assert any("vision_tower" in name for name in names) == train_vision


def test_a_refusal_is_learned_whole() -> None:
    with pytest.raises(UserError, match="'forget_tokens' is 'new', but should be 'answer'"):
        make_method("lumoe", {"forget_tokens": "new"})


@pytest.mark.parametrize("method", ["null_space", "npo", "smfa"])
def test_a_request_that_is_refused_changes_no_weight(method: str) -> None:
    """An answer holds a sign that stands for a picture, which is found after the method has begun."""
    profile = BENCHMARK.profiles[SPLIT.forget[0]]
    first, *others = profile.training_questions
    spoiled = replace(profile, training_questions=(replace(first, answer="In <image>."), *others))
    benchmark = replace(BENCHMARK, profiles={**BENCHMARK.profiles, profile.profile_id: spoiled})
    loaded = small_model()
    before = weights(loaded)
    with pytest.raises(UserError, match="contains <image>"):
        unlearn(method, loaded, benchmark, SPLIT, "both", TRAINED, 0)
    assert not changed(before, loaded)


@pytest.mark.parametrize(("method", "settings"), [("npo", {"forget_tokens": "answer"}), ("po", {})])
def test_where_all_of_an_answer_is_read_no_token_has_to_be_told(
    method: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tokenizer may not say which characters its tokens cover."""
    loaded = small_model(layers=1)
    monkeypatch.setattr(type(loaded.processor.tokenizer), "is_fast", False)
    forgetting(loaded, method, passes=0.25, **settings)
    with pytest.raises(UserError, match="expected a fast tokenizer"):
        forgetting(loaded, "npo", passes=0.25)
