"""Protects whoever writes a method: what is wrong with it is said in one sentence, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from pydantic import BaseModel
from torch import Tensor

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.unlearning import (
    METHODS,
    Job,
    Method,
    Need,
    Step,
    TrainedMethod,
    UnlearningSettings,
    make_method,
    unlearn,
)
from tests.training.people import small_model
from tests.unlearning.test_refused_methods import BENCHMARK, QUICK, SPLIT


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type[Method]], None]]:
    """Offers a method, as a notebook does, until the test ends."""
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS._entries))
    yield METHODS.add


def with_loss(loss: Callable[[Step], Any], needs: frozenset[Need] = frozenset()) -> type[Method]:
    class Mine(TrainedMethod):
        name, title, description = "mine", "Mine", "of somebody"
        settings_type = UnlearningSettings

        def needs(self) -> frozenset[Need]:
            return needs

        def loss(self, step: Step) -> Tensor:
            made: Tensor = loss(step)
            return made

    return Mine


def remembers(step: Step) -> Tensor:
    step.moment.memory["mean"] = torch.zeros(3)  # type: ignore[assignment]
    return -step.forget.nll


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (lambda step: None, "Method 'mine': its loss gave None; expected a tensor of one number"),
        (lambda step: 1.5, "its loss gave 1.5; expected a tensor of one number"),
        (lambda step: step.forget.sample_log_probs, r"its loss gave a tensor of shape \[2\]; expected"),
        (lambda step: step.forget.nll.detach(), "its loss gave a number without a gradient; expected"),
        (lambda step: step.retain.nll, "a loss reads step.retain, which its needs"),
        (
            lambda step: step.forget.reference_log_probs.mean(),
            "a loss reads the frozen model's log probs, which its needs",
        ),
        (remembers, "its loss remembers 'mean' as tensor.*; expected a number"),
    ],
)
def test_a_loss_that_cannot_be_minimised_is_told_in_one_sentence(
    offered: Callable[[type[Method]], None], loss: Callable[[Step], Any], sentence: str
) -> None:
    offered(with_loss(loss))
    with pytest.raises(UserError, match=sentence):
        unlearn("mine", small_model(), BENCHMARK, SPLIT, "text", QUICK, seed=0)


def test_a_method_without_settings_is_written_as_its_docstring_shows(
    offered: Callable[[type[Method]], None],
) -> None:
    class DoNothing(Method):
        name, title, description = "do_nothing", "Nothing", "leaves the model as it is"
        settings_type = BaseModel

        def apply(self, job: Job) -> LoadedModel:
            return job.loaded

    offered(DoNothing)
    loaded = small_model()
    assert unlearn("do_nothing", loaded, BENCHMARK, SPLIT, "text", {}, seed=0) is loaded
    with pytest.raises(UserError, match="Method 'do_nothing': there is no setting 'passes'"):
        make_method("do_nothing", {"passes": 1})


def test_a_setting_that_is_misspelt_is_refused_whatever_the_class_lets_pass(
    offered: Callable[[type[Method]], None],
) -> None:
    class Settings(BaseModel):
        scale: float = 1.0
        shift: float

    class Scaled(Method):
        name, title, description = "scaled", "Scaled", "returns nothing"
        settings_type = Settings

        def apply(self, job: Job) -> LoadedModel:
            return None  # type: ignore[return-value]

    offered(Scaled)
    with pytest.raises(UserError, match=r"no setting 'scal': did you mean 'scale'.*'shift' has no value"):
        make_method("scaled", {"scal": 2.0})
    with pytest.raises(UserError, match=r"'scaled' gave None; expected its apply.. to return the model"):
        unlearn("scaled", small_model(), BENCHMARK, SPLIT, "text", {"shift": 1}, seed=0)
