"""The state of a training on disk: when it is written, what it holds, and how it is read back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mllmu.errors import UserError, first_line
from mllmu.processes import from_main

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_STATE_FILE = "trainer_state.json"
_WEIGHTS_FILE, _TENSORS_FILE, _MEMORY_FILE = "learned.safetensors", "tensors.safetensors", "memory.json"
_SHARE = 0.05
"""Of the time, for writing states: those of a large model that learns whole take minutes."""


class StateKeeper(TrainerCallback):
    """Has a trainer keep its state when enough time has passed since it last did."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare to watch the clock.

        Args:
            seconds: between two states, at least; 0 for one after each step.
            clock: tells seconds; those of the first process count.
        """
        self._seconds = seconds
        self._clock = clock
        self._due = self._step_ended = 0.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin to wait."""
        self._due = self._clock() + self._seconds

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Ask for a state, if it is time and there are steps to come."""
        self._step_ended = self._clock()
        is_due = from_main(lambda: self._step_ended >= self._due)
        if is_due and state.global_step < state.max_steps:
            control.should_save = True

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Wait anew: longer where writing takes long."""
        now = self._clock()
        writing = (now - self._step_ended) / _SHARE if self._seconds else 0.0
        self._due = now + max(self._seconds, writing)


def keep_learned(folder: Path, model: nn.Module, tensors: Mapping[str, Tensor], memory: object) -> None:
    """Write what a trainer's own files lack of a state.

    The trainer itself renames the weights of image-text-to-text models when it saves them, and then finds
    none of them when it loads.

    Args:
        folder: of the state.
        model: its parameters that learn are kept.
        tensors: what else changes from step to step.
        memory: likewise, JSON values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(_learned(model)), folder / _WEIGHTS_FILE)
    save_file({name: tensor.detach() for name, tensor in tensors.items()}, folder / _TENSORS_FILE)
    (folder / _MEMORY_FILE).write_text(json.dumps(memory), encoding="utf-8")


def take_back(folder: Path, model: nn.Module, tensors: Mapping[str, Tensor]) -> Any:
    """Put what `keep_learned` wrote into parameters and tensors, in place, and return the memory."""
    learned, others = load_file(folder / _WEIGHTS_FILE), load_file(folder / _TENSORS_FILE)
    with torch.no_grad():
        for name, parameter in _learned(model):
            parameter.copy_(learned[name])
        for name, tensor in tensors.items():
            tensor.copy_(others[name])
    return json.loads((folder / _MEMORY_FILE).read_text(encoding="utf-8"))


def _learned(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    return ((name, p.detach()) for name, p in model.named_parameters() if p.requires_grad)


@contextmanager
def reading_state(folder: str) -> Iterator[None]:
    """Say in a sentence that a state cannot be read.

    Raises:
        UserError: it is damaged, or holds what only unpickling code would read, which is not done.
    """
    damaged = (UnpicklingError, SafetensorError, RuntimeError, OSError, ValueError, LookupError, EOFError)
    try:
        yield
    except damaged as error:
        raise UserError(
            f"The state of a training in {folder} cannot be read: {first_line(error)}; expected what this "
            "training wrote; without this folder it begins anew."
        ) from error


def last_state(folder: Path) -> str | None:
    """The last state that was written to its end; None if there is none."""
    states = {}
    for path in folder.glob("checkpoint-*"):
        match = _CHECKPOINT.fullmatch(path.name)
        if match and _is_whole(path):
            states[int(match.group(1))] = path
    return str(states[max(states)]) if states else None


def _is_whole(checkpoint: Path) -> bool:
    """Whether the file that the trainer writes last can be read."""
    try:
        json.loads((checkpoint / _STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
