"""Protects long trainings from kills: what was learned is not lost, and the end is the same."""

from __future__ import annotations

import itertools
import os
import pickle
import signal
from pathlib import Path

import pytest
import torch
from transformers import TrainerControl, TrainerState, TrainingArguments

from mllmu.errors import UserError
from mllmu.progress import Progress
from mllmu.training import LoraSettings, Sample, TrainingSettings, Upkeep, fine_tune, training_samples
from mllmu.training.upkeep.kept_state import StateKeeper
from tests.together import prepared
from tests.training.people import people, small_model, weights

SETTINGS = TrainingSettings(epochs=3, batch_size=3, learning_rate=1e-3, precision="float32")
WITH_DROPOUT = SETTINGS.model_copy(
    update={"lora": LoraSettings(r=2, dropout=0.5), "gradient_accumulation": 2, "optimizer": "muon"}
)


def lessons(epoch: int) -> list[Sample]:
    """Another lesson in every epoch."""
    return [Sample("Which epoch?", f"Epoch {epoch}.", None, "x")]


def taught(
    settings: TrainingSettings, progress: Progress | None = None, upkeep: Upkeep | None = None
) -> dict[str, torch.Tensor]:
    """The weights after a fine-tuning."""
    samples = training_samples(people(), ["001", "002"], "both")
    return weights(fine_tune(small_model(), samples, settings, 0, progress, lessons, upkeep))


def killed_in_the_second_epoch(done: int, total: int) -> None:
    """Two thirds of the steps are in the epochs before the last."""
    if done == total * 2 // 3:
        os.kill(os.getpid(), signal.SIGKILL)


def teach_and_be_killed(folder: str) -> None:
    """What another process does."""
    taught(WITH_DROPOUT, killed_in_the_second_epoch, Upkeep(Path(folder), seconds=0))


def test_killed_by_the_system_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    """kill -9: order, lessons, dropout, optimizer and schedule go on as if nothing had happened."""
    process = prepared().Process(target=teach_and_be_killed, args=(str(tmp_path),))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    (state,) = tmp_path.iterdir()
    assert state.name == "checkpoint-3"
    steps: list[tuple[int, int]] = []
    resumed = taught(WITH_DROPOUT, lambda *at: steps.append(at), again := Upkeep(tmp_path))
    assert steps == [(3, 6), (4, 6), (5, 6), (6, 6)]
    expected = taught(WITH_DROPOUT, None, undisturbed := Upkeep())
    assert again.log == undisturbed.log
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)


def test_a_short_training_keeps_no_state(tmp_path: Path) -> None:
    """What takes seconds is done again in seconds."""
    taught(SETTINGS.model_copy(update={"max_steps": 2}), None, Upkeep(tmp_path))
    assert not list(tmp_path.glob("checkpoint-*"))


class Malicious:
    """Runs code where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder / "hacked"),)


@pytest.mark.parametrize("file", ["optimizer.pt", "rng_state.pth", "scheduler.pt", "learned.safetensors"])
def test_nothing_is_unpickled(file: str, tmp_path: Path) -> None:
    """A state may come from somebody else's folder."""
    settings = SETTINGS.model_copy(update={"max_steps": 2})
    states = tmp_path / "states"
    taught(settings, None, Upkeep(states, seconds=0))
    content = {"optimizer": Malicious(tmp_path)}
    if file == "learned.safetensors":
        (states / "checkpoint-1" / file).write_bytes(pickle.dumps(content))
    else:
        torch.save(content, states / "checkpoint-1" / file)
    with pytest.raises(UserError, match="checkpoint-1 cannot be read: "):
        taught(settings, None, Upkeep(states))
    assert not (tmp_path / "hacked").exists()


def test_states_are_kept_by_the_clock(tmp_path: Path) -> None:
    """Every 100 seconds after a quick one of a second; 400 after one of 20: a twentieth of the time."""
    now, kept = 0.0, []
    keeper = StateKeeper(100, clock=lambda: now)
    arguments, state = TrainingArguments(output_dir=str(tmp_path), report_to="none"), TrainerState()
    state.max_steps = 200
    keeper.on_train_begin(arguments, state, TrainerControl())
    for step in itertools.count(1):
        now += 10
        state.global_step, control = step, TrainerControl()
        keeper.on_step_end(arguments, state, control)
        if control.should_save:
            kept.append(now)
            now += 1 if now < 250 else 20
            keeper.on_save(arguments, state, control)
        if step == 100:
            break
    assert kept == [100, 201, 302, 722]
