"""The trainer's side of a watch: when to look at the model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from mllmu.models import LoadedModel
from mllmu.training import Upkeep
from mllmu.training.precision import autocast
from mllmu.training.seeds import kept_random_state
from mllmu.training.settings import Precision
from mllmu.unlearning.pairing.watch import Watch


class PassWatcher(TrainerCallback):
    """Lets a watch look at the model after its passes, and has the state kept."""

    def __init__(
        self,
        watch: Watch,
        loaded: LoadedModel,
        passes_at: Mapping[int, float],
        precision: Precision,
        upkeep: Upkeep,
    ) -> None:
        """Prepare the looks.

        Args:
            watch: who looks.
            loaded: the model that is trained; its modules are those that learn.
            passes_at: optimizer step after which to look -> passes done then.
            precision: that of the training.
            upkeep: says whether there is a folder for the training's state.
        """
        self._watch = watch
        self._loaded = loaded
        self._passes_at = passes_at
        self._precision = precision
        self._keeps_state = upkeep.state_folder is not None

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
        control.should_save = self._keeps_state
