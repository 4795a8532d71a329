"""Protects the end of an ascent: soon enough to keep the model, and only when the average says so."""

from __future__ import annotations

from typing import Any

import pytest
from transformers import TrainerControl

from mllmu.errors import UserError
from mllmu.unlearning import unlearn
from mllmu.unlearning.early_stopping import ForgottenEnough
from tests.training.people import people, small_model


def stops_at(nlls: list[list[float]], limit: float) -> int | None:
    """The step after which a callback ends the training; each step is a list of forward passes."""
    callback, control = ForgottenEnough(limit), TrainerControl()
    nothing: Any = None
    for number, passes in enumerate(nlls, 1):
        for nll in passes:
            callback.observe(nll)
        callback.on_step_end(nothing, nothing, control)
        if control.should_training_stop:
            return number
    return None


def test_the_mean_of_four_steps_decides() -> None:
    """1, 1, 9, 1: mean 3, not above 3. Then 9 takes the place of the first 1: mean 5, above 3."""
    assert stops_at([[1.0], [1.0], [9.0], [1.0], [9.0]], 3.0) == 5
    assert stops_at([[1.0], [1.0], [9.0], [1.0]], 3.0) is None


def test_forward_passes_of_one_step_are_added_up() -> None:
    """Each pass reports its share of the step's mean, so 2 + 2 in four steps is a mean of 4."""
    assert stops_at([[2.0, 2.0]] * 4, 3.9) == 4
    assert stops_at([[2.0, 2.0]] * 4, 4.1) is None


def test_ascent_ends_before_its_last_step() -> None:
    """Answers of a random model over 400 tokens start near log 400 = 6 nats; ascent soon passes 6.1."""
    benchmark = people()
    settings = {"learning_rate": 1e-4, "batch_size": 4, "max_steps": 60, "precision": "float32"}

    def steps(limit: float | None) -> int:
        done: list[int] = []
        given = {**settings, "stop_nll": limit}
        split = benchmark.splits[20]
        unlearn("ga", small_model(), benchmark, split, "both", given, 0, lambda step, _: done.append(step))
        return done[-1]

    assert steps(None) == 60
    assert 4 <= steps(6.1) < 40


def test_a_limit_is_positive() -> None:
    benchmark = people()
    with pytest.raises(UserError, match="stop_nll"):
        unlearn("ga", small_model(), benchmark, benchmark.splits[20], "both", {"stop_nll": 0}, 0)
