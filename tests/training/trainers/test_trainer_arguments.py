"""Protects: a training runs where its model is, and for as long as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState

from mllmu.errors import UserError
from mllmu.training import TrainingSettings, parse_settings, training_arguments


@pytest.fixture
def current(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[torch.device]]:
    """A machine that seems to have two GPUs: those that were made the current one."""
    made: list[torch.device] = []
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.set_device", made.append)
    yield made
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.parametrize("name", ["cuda:0", "cuda:1"])
def test_a_model_stays_on_its_gpu(current: list[torch.device], name: str, tmp_path: Path) -> None:
    """The trainer takes the first GPU by itself, and moves the model there."""
    arguments = training_arguments(TrainingSettings(), 1, 0, torch.device(name), tmp_path)
    assert arguments.device == current[-1] == torch.device(name)
    assert (arguments.n_gpu, arguments.world_size) == (1, 1)


def test_beside_gpus_a_model_stays_on_the_cpu(current: list[torch.device], tmp_path: Path) -> None:
    arguments = training_arguments(TrainingSettings(), 1, 0, torch.device("cpu"), tmp_path)
    assert arguments.device == torch.device("cpu") and not current


@pytest.mark.parametrize(("warmup", "decay"), [(0.85, 0.15), (0.9, 0.1), (0.0, 1.0), (0.25, 0.5)])
def test_warmup_and_decay_do_not_overlap(warmup: float, decay: float, tmp_path: Path) -> None:
    """Of ten steps, 0.85 and 0.15 are rounded to nine and two."""
    settings = TrainingSettings(warmup_ratio=warmup, decay_ratio=decay, schedule="warmup_stable_decay")
    arguments = training_arguments(settings, 10, 0, torch.device("cpu"), tmp_path)
    falls = arguments.lr_scheduler_kwargs["num_decay_steps"]  # type: ignore[index]
    assert 0 < falls <= 10 - arguments.get_warmup_steps(10)


@pytest.mark.parametrize("settings", [{"warmup_ratio": 0.95}, {"warmup_ratio": 0.95, "decay_ratio": 0.1}])
def test_ratios_that_overlap_are_refused(settings: dict[str, float]) -> None:
    """The rate would jump from the middle of the warm-up into the decay, and never be what is set."""
    said = "'decay_ratio' is 0.1, but should be at most 0.05, as 'warmup_ratio' is 0.95"
    with pytest.raises(UserError, match=said):
        parse_settings("x", TrainingSettings, {"schedule": "warmup_stable_decay", **settings})
    parse_settings("x", TrainingSettings, settings)  # other schedules do not read it
