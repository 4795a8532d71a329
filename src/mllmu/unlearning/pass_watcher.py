"""The trainer's side of a watch: when to look, and the state from which a killed training goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mllmu.models import LoadedModel
from mllmu.training.precision import autocast
from mllmu.training.seeds import kept_random_state
from mllmu.training.settings import Precision
from mllmu.unlearning.watch import Watch

_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_STATE_FILE = "trainer_state.json"


class PassWatcher(TrainerCallback):
    """Lets a watch look at the model after its passes, and has the state kept."""

    def __init__(
        self, watch: Watch, loaded: LoadedModel, passes_at: Mapping[int, float], precision: Precision
    ) -> None:
        """Prepare the looks.

        Args:
            watch: who looks.
            loaded: the model that is trained; its modules are those that learn.
            passes_at: optimizer step after which to look -> passes done then.
            precision: that of the training.
        """
        self._watch = watch
        self._loaded = loaded
        self._passes_at = passes_at
        self._precision = precision

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Look, if it is time."""
        if state.global_step not in self._passes_at:
            return
        learner = kwargs["model"]
        learner.eval()
        # Where the weights that learn have another type than the others, something must cast between them.
        is_mixed = len({parameter.dtype for parameter in learner.parameters()}) > 1
        casts = autocast(self._precision, args.device) if is_mixed else nullcontext()
        with kept_random_state(), casts:
            self._watch.look(self._loaded, self._passes_at[state.global_step])
        learner.train()
        # After the look: a training that is killed in between looks again.
        control.should_save = self._watch.state_folder is not None


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
