"""Protects: a training runs where its model is, and for as long as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState

from mllmu.training import TrainingSettings, training_arguments


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
