"""When to end an ascent: gradient ascent has no minimum, and soon destroys more than it is asked to."""

from __future__ import annotations

from collections import deque
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

# Batches differ; one of hard questions must not end the training.
_WINDOW = 4


class ForgottenEnough(TrainerCallback):
    """Ends a training once the forget questions of the last few steps were unlikely enough on average."""

    def __init__(self, limit: float) -> None:
        """Watch for a limit in nats per answer token."""
        self.limit = limit
        self._steps: deque[float] = deque(maxlen=_WINDOW)
        self._current = 0.0

    def observe(self, nll: float) -> None:
        """Note a forward pass's share of the step's mean negative log-likelihood."""
        self._current += nll

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the step, and end the training if enough is forgotten."""
        self._steps.append(self._current)
        self._current = 0.0
        full = len(self._steps) == _WINDOW
        if full and sum(self._steps) / _WINDOW > self.limit:
            control.should_training_stop = True
