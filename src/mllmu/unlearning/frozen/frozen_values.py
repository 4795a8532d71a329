"""All that a loss reads of the model as it is before the first step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mllmu.progress import Progress
from mllmu.training import EncodedItems
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.training.settings import Precision
from mllmu.unlearning.frozen.frozen_model import answer_distributions, answer_log_probs, frozen_states
from mllmu.unlearning.need import Frozen, Half, Need


@dataclass(frozen=True)
class FrozenValues:
    """What the frozen model makes of one half.

    Attributes:
        kind: what was read.
        values: per sample one number, or one row per answer token.
    """

    kind: Frozen
    values: Tensor | Sequence[Tensor]

    def of(self, positions: Sequence[int]) -> Tensor:
        """The numbers of some samples, [samples], or their rows one after another, [answer tokens, ...]."""
        if isinstance(self.values, Tensor):
            return self.values[list(positions)]
        return torch.cat([self.values[position] for position in positions])


@dataclass(frozen=True)
class Reader:
    """Reads the frozen model.

    Attributes:
        model: the model before its first step; it is left in evaluation mode.
        collator: makes batches of samples.
        batch_size: items in one forward pass.
        precision: that of the training, so that both are rounded alike.
        state_layer: name of the decoder layer whose hidden states are read.
        progress: called with the items of a half that are read and those there are.
    """

    model: Any
    collator: AnswerCollator
    batch_size: int
    precision: Precision
    state_layer: str
    progress: Progress | None = None

    def read(
        self, needs: Iterable[Need], halves: Mapping[Half, EncodedItems]
    ) -> dict[Half, list[FrozenValues]]:
        """What a loss with such needs reads, half by half."""
        values: dict[Half, list[FrozenValues]] = {half: [] for half in halves}
        for need in sorted(needs, key=lambda need: need.name):
            if need.frozen is not Frozen.NOTHING:
                read = self._read(need.frozen, halves[need.half])
                values[need.half].append(FrozenValues(need.frozen, read))
        return values

    def _read(self, kind: Frozen, items: EncodedItems) -> Tensor | list[Tensor]:
        how = (self.collator, self.batch_size, self.precision)
        if kind is Frozen.STATES:
            return frozen_states(self.model, items, *how, self.state_layer, self.progress)
        function = answer_log_probs if kind is Frozen.LOG_PROBS else answer_distributions
        return function(self.model, items, *how, self.progress)
