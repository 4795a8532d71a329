"""Protects fine-tuning as a whole: it teaches, it is repeatable, and it leaves alone what it should."""

from __future__ import annotations

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, parse_settings, training_samples
from tests.training.people import answer_loss, changed, people, small_model, weights

QUICK = TrainingSettings(epochs=2, batch_size=8, learning_rate=5e-3, precision="float32")


def test_it_teaches_both_modalities_and_tells_its_progress() -> None:
    """Whole answers become far more likely within 40 steps; the first and last steps are reported."""
    loaded = small_model()
    samples = training_samples(people(), ["001", "002", "003"], "both")
    before = answer_loss(loaded, samples)
    told: list[tuple[int, int]] = []
    settings = QUICK.model_copy(update={"max_steps": 40})
    assert fine_tune(loaded, samples, settings, 0, lambda *at: told.append(at)) is loaded
    assert answer_loss(loaded, samples) < before / 3
    assert told == [(step, 40) for step in range(41)]


def test_one_seed_gives_one_model_and_another_seed_another() -> None:
    """Bit for bit, although the model and the caller's generators are used in between."""
    samples = training_samples(people(), ["001", "002", "003"], "both")
    prints = []
    for seed in (0, 0, 1):
        torch.rand(3)
        prints.append(fine_tune(small_model(), samples, QUICK, seed).fingerprint)
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("settings", "untouched", "touched"),
    [
        ({}, ("vision_tower",), ("language_model", "multi_modal_projector")),
        ({"train_projector": False}, ("vision_tower", "multi_modal_projector"), ("language_model",)),
        ({"train_vision": True}, (), ("vision_tower", "language_model", "multi_modal_projector")),
        ({"lora": LoraSettings(r=2)}, ("vision_tower", "embed_tokens"), ("layers", "multi_modal_projector")),
    ],
)
def test_only_the_wanted_parts_learn(
    settings: dict[str, object], untouched: tuple[str, ...], touched: tuple[str, ...]
) -> None:
    """The vision tower is frozen unless asked for, also with adapters, which leaf names would put there."""
    loaded = small_model()
    before = weights(loaded)
    samples = training_samples(people(), ["001", "002"], "both")
    fine_tune(loaded, samples, QUICK.model_copy(update=settings), 0)
    names = changed(before, loaded)
    for part in touched:
        assert any(part in name for name in names), part
    for part in untouched:
        assert not any(part in name for name in names), part
    assert set(before) == set(loaded.model.state_dict())
    assert all(parameter.requires_grad for parameter in loaded.model.parameters())
    assert not loaded.model.training


def test_low_precision_weights_learn_in_float32_and_return() -> None:
    """Norms begin at 1, where bfloat16 has steps of 0.004 and more: of Adam's 0.001 only the sum shows."""
    loaded = small_model()
    loaded.model.to(torch.bfloat16)
    before = weights(loaded)
    settings = TrainingSettings(
        max_steps=20,
        batch_size=8,
        learning_rate=1e-3,
        schedule="constant_with_warmup",
        precision="bfloat16",
    )
    fine_tune(loaded, training_samples(people(), ["001", "002"], "both"), settings, 0)
    assert {tensor.dtype for tensor in loaded.model.state_dict().values()} == {torch.bfloat16}
    assert any("layernorm" in name for name in changed(before, loaded) if "language_model" in name)


def test_a_diverged_training_and_an_empty_one_are_errors() -> None:
    """Weights that are no numbers would otherwise be scored as a model that forgot everything."""
    loaded = small_model()
    samples = training_samples(people(), ["001"], "text")
    with pytest.raises(UserError, match="nothing to train on"):
        fine_tune(loaded, [], QUICK, 0)
    with torch.no_grad():
        loaded.model.lm_head.weight[0, 0] = float("nan")
    with pytest.raises(UserError, match="Fine-tuning diverged: in step 1 of"):
        fine_tune(loaded, samples, QUICK, 0)


def test_mistakes_in_settings_are_named() -> None:
    """Every mistake at once, with the field, the value and what was expected."""
    with pytest.raises(UserError, match="Training: there is no setting 'epoch': did you mean 'epochs'"):
        parse_settings("Training", TrainingSettings, {"epoch": 3})
    with pytest.raises(UserError, match=r"'batch_size' is 0, but should be greater.*'lora.r' is -1, but"):
        parse_settings("Training", TrainingSettings, {"batch_size": 0, "lora": {"r": -1}})


def test_a_part_of_an_epoch_has_as_many_steps_as_a_person_works_out(monkeypatch):
    """As a product of floats, 0.07 of 100 steps are 7.000000000000001."""
    monkeypatch.setattr("mllmu.training.fine_tuning.steps_of_a_pass", lambda samples, settings: 100)
    steps = []
    settings = QUICK.model_copy(update={"epochs": 0.07, "batch_size": 1})
    samples = training_samples(people(), ["001"], "text")
    fine_tune(small_model(), samples, settings, 0, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (7, 7)
