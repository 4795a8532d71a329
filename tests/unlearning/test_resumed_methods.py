"""Protects what a method keeps from step to step when its training is killed, in whichever form."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from mllmu.training import Upkeep, training_samples
from mllmu.unlearning import Job, Step, TrainedMethod, UnlearningSettings, make_method
from mllmu.unlearning.pairing.pair_trainer import Prepared
from tests.training.people import people_with_values, small_model, weights
from tests.unlearning.killed import KilledError

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
SETTINGS: dict[str, Any] = {"learning_rate": 1e-2, "batch_size": 2, "precision": "float32", "passes": 3}


class MovingAscent(TrainedMethod):
    """Ascent that is weighted by a moving average of what it has reached."""

    name, title, description, settings_type = "moving", "Moving", "for tests", UnlearningSettings
    is_resumable = True

    def loss(self, step: Step) -> Tensor:
        reached = step.forget.nll
        self.average.mul_(0.5).add_(0.5 * reached.detach())
        return -reached * self.average

    def prepare(self, job: Job, learner: Any) -> Prepared:
        self.average = torch.zeros(())
        return Prepared(self.loss, tensors={"average": self.average}, is_resumable=self.is_resumable)


class PrivateAscent(MovingAscent):
    """The same, as if its average could not be stored."""

    is_resumable = False


def killed(done: int, total: int) -> None:
    if (done, total) == (5, 6):
        raise KilledError


def after(method: TrainedMethod, progress: Any = None, upkeep: Upkeep | None = None) -> dict[str, Tensor]:
    """The weights after an unlearning by a method of one's own."""
    loaded = small_model(layers=1)
    forget, retain = (training_samples(BENCHMARK, ids, "both") for ids in (SPLIT.forget, SPLIT.retain))
    method.apply(Job(forget, retain, 0, loaded=loaded, progress=progress, upkeep=upkeep or Upkeep()))
    return weights(loaded)


@pytest.mark.parametrize("name", ["pdu", "moving"])
def test_numbers_and_tensors_are_remembered(name: str, tmp_path: Path) -> None:
    """A multiplier that has begun to move, and an average: as if nothing had happened."""

    def method() -> TrainedMethod:
        if name == "moving":
            return MovingAscent(UnlearningSettings(**SETTINGS))
        made = make_method("pdu", {**SETTINGS, "warmup": 0.5, "rate": 50.0})
        assert isinstance(made, TrainedMethod)
        return made

    expected, steps = after(method()), []
    with pytest.raises(KilledError):
        after(method(), killed, Upkeep(tmp_path, seconds=0))
    resumed = after(method(), lambda done, total: steps.append((done, total)), Upkeep(tmp_path))
    assert [done for done, total in steps if total == 6] == [4, 5, 6]
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_what_cannot_be_stored_is_said_and_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Going on without it would silently give other weights."""
    with caplog.at_level(logging.WARNING), pytest.raises(KilledError):
        after(PrivateAscent(UnlearningSettings(**SETTINGS)), killed, Upkeep(tmp_path, seconds=0))
    assert "Method 'moving' keeps what no state on disk holds" in caplog.text
    assert not list(tmp_path.iterdir())
