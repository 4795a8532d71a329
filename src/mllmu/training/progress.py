"""How a training tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

Progress = Callable[[int, int], None]
"""Called with the optimizer steps done and the steps there are."""


class ProgressReporter(TrainerCallback):
    """Turns the trainer's steps into calls of a progress function."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Tell the number of steps before the first one."""
        self.progress(0, state.max_steps)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Tell one more step."""
        self.progress(state.global_step, state.max_steps)
