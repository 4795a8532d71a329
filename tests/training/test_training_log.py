"""Protects what is told of each optimizer step."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu.models import LoadedModel
from mllmu.training import SampleDataset, TrainingSettings, Upkeep, fine_tune, training_samples
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning import unlearn
from tests.training.people import people_with_values, small_model, weights

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]  # a pass is four samples
SETTINGS: dict[str, Any] = {
    "learning_rate": 1e-2,
    "batch_size": 2,
    "gradient_accumulation": 2,
    "precision": "float32",
    "passes": 3,
}


@pytest.fixture(scope="module")
def start() -> tuple[LoadedModel, Any]:
    """A model with random weights, and these weights."""
    loaded = small_model()
    return loaded, weights(loaded)


def test_a_fine_tuning_tells_loss_rate_and_gradient(start: tuple[LoadedModel, Any]) -> None:
    """All samples in each step: the first loss is the mean over all answer tokens; the rate falls."""
    loaded, state = start
    loaded.model.load_state_dict(state)
    samples = training_samples(BENCHMARK, ["001", "002"], "both")
    items = SampleDataset(loaded, samples)
    batch = AnswerCollator(loaded.encoder.pad_id)([items[index] for index in range(len(items))])
    answers = answer_logits(loaded.model, batch["inputs"])
    expected = -float(answers.token_log_probs().detach().sum()) / len(answers.targets)
    settings = TrainingSettings(
        epochs=3, batch_size=4, gradient_accumulation=2, learning_rate=3e-3, precision="float32"
    )
    fine_tune(loaded, samples, settings, 0, upkeep=(upkeep := Upkeep()))
    assert [(step["step"], step["passes"]) for step in upkeep.log] == [(1, 1), (2, 2), (3, 3)]
    assert upkeep.log[0]["loss"] == pytest.approx(expected, rel=1e-5)
    assert [step["learning_rate"] for step in upkeep.log] == pytest.approx([3e-3, 2e-3, 1e-3])
    assert all(float(step["gradient_norm"]) > 0 for step in upkeep.log)
    assert list(upkeep.log[0]) == ["training", "step", "passes", "loss", "learning_rate", "gradient_norm"]


def told(start: tuple[LoadedModel, Any], method: str, **settings: Any) -> list[Any]:
    """The log of an unlearning."""
    loaded, state = start
    loaded.model.load_state_dict(state)
    upkeep = Upkeep()
    unlearn(method, loaded, BENCHMARK, SPLIT, "both", {**SETTINGS, **settings}, 0, upkeep=upkeep)
    return upkeep.log


def test_what_a_loss_reads_is_told_without_being_asked_for(start: tuple[LoadedModel, Any]) -> None:
    """Gradient difference is made of the two cross-entropies, and a pass is one step of four samples."""
    log = told(start, "grad_diff", gamma=0.5, alpha=2.0)
    assert [step["passes"] for step in log] == [1, 2, 3]
    for step in log:
        assert step["loss"] == pytest.approx(-0.5 * step["forget_loss"] + 2 * step["retain_loss"], rel=1e-5)


def test_a_step_tells_what_it_has_read_alone(start: tuple[LoadedModel, Any]) -> None:
    """SCRUB takes turns."""
    read = [{"forget_loss", "retain_loss"} & set(step) for step in told(start, "scrub")]
    assert read == [{"forget_loss"}, {"retain_loss"}, {"forget_loss"}]


def test_a_method_tells_of_parts_that_are_no_cross_entropy(start: tuple[LoadedModel, Any]) -> None:
    """RMU's distances add up to its loss; it reads no answers."""
    for step in told(start, "rmu", alpha=2.0):
        assert step["loss"] == pytest.approx(step["forget_distance"] + 2 * step["retain_distance"], rel=1e-5)
        assert "forget_loss" not in step


def test_several_trainings_of_one_model_are_told_apart(start: tuple[LoadedModel, Any]) -> None:
    log = told(start, "smfa", passes=1)
    assert [(step["training"], step["step"]) for step in log] == [("refusing", 1), ("keeping", 1)]
