"""Protects the methods through the entry point users call: what they move, and what must not matter."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import LoadedModel, wrap_model
from mllmu.training import training_samples
from mllmu.unlearning import Step, unlearn
from mllmu.unlearning.methods.kl_min import KLMin
from mllmu.unlearning.methods.npo import NPO
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.taught_model import BENCHMARK, FORGET, RETAIN, SPLIT, taught_model

COMMON: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 4, "precision": "float32"}


@pytest.fixture
def loaded() -> LoadedModel:
    """The model that has learned everybody, as new."""
    return taught_model()


def forget(
    loaded: LoadedModel, method: str, modality: Any = "both", seed: int = 0, *, steps: int, **settings: Any
) -> None:
    """Unlearn in place, with quick settings, in a number of optimizer steps."""
    chosen = {"gradient_accumulation": 1, **COMMON, **settings}
    questions = sum(len(BENCHMARK.profiles[one].training_questions) for one in SPLIT.forget)
    passes = steps * chosen["batch_size"] * chosen["gradient_accumulation"] / questions
    unlearn(method, loaded, BENCHMARK, SPLIT, modality, {**chosen, "passes": passes}, seed)


@pytest.mark.parametrize("method", ["ga", "grad_diff", "kl_min", "npo"])
@pytest.mark.parametrize("modality", ["image_text", "text", "both"])
def test_what_is_forgotten_becomes_less_likely(loaded: LoadedModel, method: str, modality: str) -> None:
    """The sign of every loss, in every modality, on the questions it was given."""
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    forget(loaded, method, modality, steps=6)
    assert answer_loss(loaded, asked) > before + 1


@pytest.mark.parametrize("method", ["grad_diff", "kl_min"])
def test_the_retain_term_keeps_what_ascent_alone_destroys(loaded: LoadedModel, method: str) -> None:
    """After as many steps on the same pairs; a retain term with the wrong sign would do worse than none."""
    state, before = weights(loaded), answer_loss(loaded, FORGET)
    forget(loaded, "ga", steps=20)
    alone = answer_loss(loaded, RETAIN)
    loaded.model.load_state_dict(state)
    forget(loaded, method, steps=20, alpha=2.0)
    assert answer_loss(loaded, RETAIN) < alone - 2
    assert answer_loss(loaded, FORGET) > before + 1


def test_without_forgetting_grad_diff_only_learns_the_retained(loaded: LoadedModel) -> None:
    """Gamma 0: the joint step must not lose or swap its halves."""
    before = answer_loss(loaded, RETAIN)
    forget(loaded, "grad_diff", steps=16, gamma=0.0, alpha=1.0)
    assert answer_loss(loaded, RETAIN) < before


def first_losses(monkeypatch: pytest.MonkeyPatch, kind: type, value: Any) -> list[float]:
    """Record something at every loss a method computes."""
    seen: list[float] = []
    original = kind.loss  # type: ignore[attr-defined]

    def recorded(self: Any, step: Step) -> torch.Tensor:
        loss = original(self, step)
        with torch.no_grad():
            seen.append(float(value(self, step, loss)))
        return loss

    monkeypatch.setattr(kind, "loss", recorded)
    return seen


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_npo_begins_at_two_over_beta_log_two(
    loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch, alpha: float
) -> None:
    """The stored reference is the model itself before its first step, not one trained on retain only."""
    seen = first_losses(
        monkeypatch, NPO, lambda m, step, loss: loss - (alpha * step.retain.nll if alpha else 0)
    )
    forget(loaded, "npo", steps=2, beta=0.4, alpha=alpha)
    assert seen[0] == pytest.approx(5 * math.log(2), abs=1e-4)
    assert seen[1] < seen[0]


@pytest.mark.parametrize("lora", [None, {"r": 2, "dropout": 0.0}])
def test_kl_begins_at_zero(loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch, lora: object) -> None:
    """KL-Min's loss plus CE(f) is the weighted divergence: nothing before the first step, something after."""
    seen = first_losses(monkeypatch, KLMin, lambda m, step, loss: loss + step.forget.nll)
    forget(loaded, "kl_min", steps=2, lora=lora, learning_rate=2e-3)
    assert seen[0] == pytest.approx(0, abs=1e-5)
    assert seen[1] > 1e-4


def test_the_vision_tower_stays_and_the_seed_is_heard(loaded: LoadedModel) -> None:
    """Language model and projector learn, the vision tower does not; another seed draws other pairs."""
    state = weights(loaded)
    prints = []
    for seed in (0, 1):
        loaded.model.load_state_dict(state)
        forget(loaded, "npo", seed=seed, steps=2)
        prints.append(loaded.fingerprint)
    assert prints[0] != prints[1]
    names = changed(state, loaded)
    assert any("multi_modal_projector" in name for name in names)
    assert any("language_model" in name for name in names)
    assert not any("vision_tower" in name for name in names)


def test_prompting_puts_its_instruction_before_every_question(loaded: LoadedModel) -> None:
    result = unlearn("prompting", loaded, BENCHMARK, SPLIT, "both", {}, 0)
    assert "not reveal" in result.system_prompt
    assert not loaded.system_prompt


def test_prompting_by_name_names_those_to_forget_and_nobody_else(loaded: LoadedModel) -> None:
    """In the place that the instruction has for them."""
    settings = {"instruction": "Say nothing of {names}!"}
    result = unlearn("prompting_names", loaded, BENCHMARK, SPLIT, "both", settings, 0)
    assert result.system_prompt == "Say nothing of Ada Berg, Bo Berg!"
    default = unlearn("prompting_names", loaded, BENCHMARK, SPLIT, "text", {}, 0).system_prompt
    assert "Ada Berg, Bo Berg" in default and "{names}" not in default
    with pytest.raises(UserError, match="'instruction' is 'Say nothing!', but"):
        unlearn("prompting_names", loaded, BENCHMARK, SPLIT, "both", {"instruction": "Say nothing!"}, 0)
    nameless = {key: replace(one, name="") for key, one in BENCHMARK.profiles.items()}
    with pytest.raises(UserError, match="got nobody with a name"):
        unlearn("prompting_names", loaded, replace(BENCHMARK, profiles=nameless), SPLIT, "image_text", {}, 0)


def test_prompting_a_model_whose_template_drops_the_instruction_is_an_error(loaded: LoadedModel) -> None:
    """Its scores would equal vanilla's, and nothing would tell why."""
    processor = copy.copy(loaded.processor)
    processor.chat_template = (
        "{% if messages[0].role != 'system' %}" + processor.chat_template + "{% endif %}"
    )
    deaf = wrap_model(loaded.model, processor, "deaf")
    with pytest.raises(UserError, match=r"leaves a system instruction out .* expected .* the system's turn"):
        unlearn("prompting", deaf, BENCHMARK, SPLIT, "both", {}, 0)


def test_a_system_prompt_is_part_of_what_is_trained_on(loaded: LoadedModel) -> None:
    """A model that is asked behind an instruction has to be trained behind it."""
    state = weights(loaded)
    forget(loaded, "ga", steps=2)
    plain = weights(loaded)
    loaded.model.load_state_dict(state)
    forget(loaded.with_system_prompt("Be brief."), "ga", steps=2)
    assert changed(plain, loaded)


def test_bad_requests_are_named_before_anything_changes(loaded: LoadedModel) -> None:
    """The weights are still those that were given."""
    state = weights(loaded)
    with pytest.raises(UserError, match="no setting 'stps'"):
        forget(loaded, "ga", steps=1, stps=3)
    with pytest.raises(UserError, match="modality 'audio'"):
        forget(loaded, "ga", "audio", steps=1)
    nobody = type(SPLIT)(20, (), SPLIT.retain)
    with pytest.raises(UserError, match="'ga' got nothing to forget"):
        unlearn("ga", loaded, BENCHMARK, nobody, "text", {}, 0)
    alone = type(SPLIT)(20, SPLIT.forget, ())
    with pytest.raises(UserError, match="'grad_diff' got nothing to retain"):
        unlearn("grad_diff", loaded, BENCHMARK, alone, "text", {}, 0)
    assert not changed(state, loaded)


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        (lambda loss: loss * float("nan"), "its loss is nan"),
        # The slope of a square root at zero is infinite.
        (lambda loss: (loss - loss.detach()).sqrt(), "the norm of its gradient is (inf|nan)"),
    ],
    ids=["loss", "gradient"],
)
def test_a_training_that_diverges_stops_at_once_and_says_where(
    loaded: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
    spoilt: Callable[[torch.Tensor], torch.Tensor],
    what: str,
) -> None:
    """The step whose loss or gradient is no number changes no weight."""
    at_the_step = {}
    loss = NPO.loss

    def diverges(self: NPO, step: Step) -> torch.Tensor:
        if step.moment.number < 2:
            return loss(self, step)
        at_the_step.update(weights(loaded))
        return spoilt(loss(self, step))

    monkeypatch.setattr(NPO, "loss", diverges)
    with pytest.raises(UserError, match=f"Method 'npo' diverged: in step 3 of 5 {what}; expected"):
        forget(loaded, "npo", steps=5)
    assert all(torch.equal(tensor, at_the_step[name]) for name, tensor in weights(loaded).items())
