"""transformers.Trainer with a forget half and further ones in every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Sampler, SequentialSampler
from transformers import TrainerCallback, TrainingArguments

from mllmu.errors import UserError
from mllmu.processes import from_each
from mllmu.progress import Progress
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.training.trainers.trainer import QuietTrainer
from mllmu.unlearning.change_penalty import ChangePenalty
from mllmu.unlearning.frozen.frozen_values import FrozenValues
from mllmu.unlearning.need import Half
from mllmu.unlearning.pairing.pairs import EncodedPair, PairDataset
from mllmu.unlearning.pairing.step import Moment, Step
from mllmu.unlearning.unlearning_settings import UnlearningSettings

Loss = Callable[[Step], Tensor]


@dataclass(frozen=True)
class Prepared:
    """A training that is about to begin.

    Attributes:
        loss: what to minimise.
        callbacks: what the trainer is to call on the way.
        tensors: what the loss or a callback changes in place from step to step (a moving average, say), by
            name; numbers have their place in ``Moment.memory``. A training that was killed goes on with both.
        is_resumable: whether this, and what is read off the model before the first step, is all there is to
            go on from. If not, no state is kept, and a training that was killed begins anew.
    """

    loss: Loss
    callbacks: Sequence[TrainerCallback] = ()
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    is_resumable: bool = True


@dataclass(frozen=True)
class PairCollator:
    """Makes a batch of pairs: each half padded, and packed, on its own, with its frozen values.

    Attributes:
        collator: makes a batch of one half's samples.
        frozen: what the loss reads of the frozen model, half by half.
    """

    collator: AnswerCollator
    frozen: Mapping[Half, Sequence[FrozenValues]]

    def __call__(self, items: Sequence[EncodedPair]) -> dict[Half, dict[str, Any]]:
        """A batch of halves; ``Side`` reads them, once the trainer has told each what the step holds."""
        return {half: self._half(half, items) for half in items[0].items}

    def _half(self, half: Half, pairs: Sequence[EncodedPair]) -> dict[str, Any]:
        batch = self.collator([pair.items[half] for pair in pairs])
        positions = [pair.positions[half] for pair in pairs]
        frozen = {str(one.kind.value): one.of(positions) for one in self.frozen.get(half, ())}
        starts = torch.tensor([pair.items[half].start_is_read for pair in pairs])
        return {**batch, **frozen, "start_is_read": starts}


class UnlearningTrainer(QuietTrainer):
    """Minimises a method's loss over pairs, in the order they were drawn."""

    def __init__(
        self,
        model: nn.Module,
        pairs: PairDataset,
        collator: PairCollator,
        loss: Loss,
        settings: UnlearningSettings,
        arguments: TrainingArguments,
        progress: Progress | None = None,
        *,
        samples_of_a_pass: int,
        seed: int,
        state_layer: str,
    ) -> None:
        """Prepare an unlearning.

        Args:
            model: what learns; only parameters that require gradients change.
            pairs: all pairs of the training.
            collator: makes batches of them.
            loss: what to minimise.
            settings: the settings that ``arguments`` were made of.
            arguments: what ``training_arguments`` made.
            progress: called after every optimizer step.
            samples_of_a_pass: pairs in one pass.
            seed: fixes what the loss draws.
            state_layer: name of the decoder layer whose hidden states the loss reads.
        """
        super().__init__(model, pairs, collator, settings, arguments, progress)
        self.loss = loss
        self._passes_of_a_step = settings.batch_size * settings.gradient_accumulation / samples_of_a_pass
        self._passes = len(pairs) / samples_of_a_pass
        self._seed = seed
        self._state_layer = state_layer
        self._sums: dict[str, Tensor | float] = {}
        self._penalty = ChangePenalty(model) if settings.l1 > 0 else None
        self._penalty_weight = settings.l1

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return SequentialSampler(self.train_dataset if train_dataset is None else train_dataset)  # type: ignore[arg-type]

    def tell_totals(self, samples: list[Any], batches: list[dict[Any, Any]]) -> int:
        """Tell each half of each batch what the whole step holds of it.

        Means over tokens and samples are then the same however a step is cut into forward passes.
        """
        halves = samples[0].items if samples else {}
        tokens = {half: sum(int(pair.items[half].answer_mask.sum()) for pair in samples) for half in halves}
        starts = {half: sum(pair.items[half].start_is_read for pair in samples) for half in halves}
        for batch in batches:
            for half in halves:
                batch[half].update(tokens=tokens[half], samples=len(samples), starts=starts[half])
        return tokens.get(Half.FORGET, 0)

    def finish_step(self) -> None:
        """See ``QuietTrainer.finish_step``; what the method has added up is remembered, and told the log."""
        super().finish_step()
        sums = from_each({name: float(value) for name, value in self._sums.items()})
        names = {name: None for one in sums for name in one}
        self.loss_parts = {name: sum(one.get(name, 0.0) for one in sums) for name in names}
        self.memory |= self.loss_parts
        for name, value in self.memory.items():
            if not isinstance(value, (int, float)):
                raise UserError(f"{self.title}: its loss remembers {name!r} as {value!r}; expected a number")
        self._sums.clear()

    def idle_pass(self, model: nn.Module, inputs: dict[str, Any]) -> None:
        """See ``QuietTrainer.idle_pass``; what the loss tells is not remembered."""
        sums_before = dict(self._sums)
        super().idle_pass(model, inputs)
        self._sums.clear()
        self._sums.update(sums_before)

    def _checked(self, loss: Any) -> Tensor:
        """What a loss gave, if it can be minimised."""
        if not isinstance(loss, Tensor):
            given = repr(loss)
        elif loss.numel() != 1:
            given = f"a tensor of shape {list(loss.shape)}"
        elif not loss.requires_grad:
            given = "a number without a gradient"
        else:
            return loss.squeeze()
        raise UserError(
            f"{self.title}: its loss gave {given}; expected a tensor of one number with a gradient"
        )

    def passes_done(self) -> float:
        """Passes over the forget set."""
        whole = self.state.global_step * self._passes_of_a_step
        return min(whole, self._passes)  # the last step may hold fewer samples

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The method's loss, normalised over the optimizer step."""
        number = self.state.global_step
        moment = Moment(number, number * self._passes_of_a_step, self._seed, self.memory, self._sums)
        step = Step(self.learner, inputs, self.precision, moment, self._state_layer)
        loss = self._checked(self.loss(step))
        step.tell_of_halves()
        if self._penalty is not None:
            loss = loss + self._penalty_weight * self._penalty() / self.parts
        return (loss, {}) if return_outputs else loss
