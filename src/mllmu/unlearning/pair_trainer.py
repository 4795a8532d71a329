"""transformers.Trainer with a forget half and further ones in every step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Sampler, SequentialSampler
from transformers import TrainerCallback, TrainingArguments

from mllmu.processes import from_each
from mllmu.progress import Progress
from mllmu.training.answer_collator import AnswerCollator
from mllmu.training.trainer import QuietTrainer
from mllmu.unlearning.change_penalty import ChangePenalty
from mllmu.unlearning.frozen_values import FrozenValues
from mllmu.unlearning.need import Half
from mllmu.unlearning.pairs import EncodedPair, PairDataset
from mllmu.unlearning.step import Moment, Step
from mllmu.unlearning.unlearning_settings import UnlearningSettings

Loss = Callable[[Step], Tensor]
_WEIGHTS_FILE, _MEMORY_FILE = "learned.safetensors", "memory.json"


@dataclass(frozen=True)
class Prepared:
    """A training that is about to begin.

    Attributes:
        loss: what to minimise.
        callbacks: what the trainer is to call on the way.
    """

    loss: Loss
    callbacks: Sequence[TrainerCallback] = ()


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
        return {**batch, **frozen}


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
        self._seed = seed
        self._state_layer = state_layer
        self._memory: dict[str, float] = {}
        self._sums: dict[str, float] = {}
        self._penalty = ChangePenalty(model) if settings.l1 > 0 else None
        self._penalty_weight = settings.l1

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Keep what learns and what the method remembers, in a checkpoint.

        The trainer itself renames the weights of image-text-to-text models when it saves them, and then finds
        none of them when it loads.
        """
        assert output_dir is not None
        learned = {name: parameter.detach() for name, parameter in self._learned()}
        Path(output_dir).mkdir(parents=True, exist_ok=True)
        save_file(learned, Path(output_dir) / _WEIGHTS_FILE)
        (Path(output_dir) / _MEMORY_FILE).write_text(json.dumps(self._memory), encoding="utf-8")

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Take back what ``_save`` kept."""
        learned = load_file(Path(resume_from_checkpoint) / _WEIGHTS_FILE)
        with torch.no_grad():
            for name, parameter in self._learned():
                parameter.copy_(learned[name])
        memory = (Path(resume_from_checkpoint) / _MEMORY_FILE).read_text(encoding="utf-8")
        self._memory.update(json.loads(memory))

    def _learned(self) -> Iterator[tuple[str, nn.Parameter]]:
        model: Any = self.model
        return ((name, p) for name, p in model.named_parameters() if p.requires_grad)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return SequentialSampler(self.train_dataset if train_dataset is None else train_dataset)  # type: ignore[arg-type]

    def tell_totals(self, samples: list[Any], batches: list[dict[Any, Any]]) -> int:
        """Tell each half of each batch what the whole step holds of it.

        Means over tokens and samples are then the same however a step is cut into forward passes.
        """
        halves = samples[0].items if samples else {}
        tokens = {half: sum(int(pair.items[half].answer_mask.sum()) for pair in samples) for half in halves}
        for batch in batches:
            for half in halves:
                batch[half].update(tokens=tokens[half], samples=len(samples))
        return tokens.get(Half.FORGET, 0)

    def finish_step(self) -> None:
        """See ``QuietTrainer.finish_step``; what the method has added up is remembered."""
        super().finish_step()
        sums = from_each(self._sums)
        for name in {name: None for one in sums for name in one}:
            self._memory[name] = sum(one.get(name, 0.0) for one in sums)
        self._sums.clear()

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The method's loss, normalised over the optimizer step."""
        number = self.state.global_step
        moment = Moment(number, number * self._passes_of_a_step, self._seed, self._memory, self._sums)
        loss = self.loss(Step(self.learner, inputs, self.precision, moment, self._state_layer))
        if self._penalty is not None:
            loss = loss + self._penalty_weight * self._penalty() / self.parts
        return (loss, {}) if return_outputs else loss
