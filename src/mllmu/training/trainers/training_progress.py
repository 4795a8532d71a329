"""A trainer callback that reports optimizer steps."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mllmu.progress import Progress


class ProgressReporter(TrainerCallback):
    """Tells a progress of the trainer's optimizer steps."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Tell the number of steps before the first one, and those done before a kill."""
        self.progress(state.global_step, state.max_steps)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Tell one more step."""
        self.progress(state.global_step, state.max_steps)
