"""transformers.Trainer with a forget and a retain half in every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Sampler, SequentialSampler
from transformers import TrainingArguments

from mllmu.models import Encoded, collate
from mllmu.progress import Progress
from mllmu.training import OptimizationSettings
from mllmu.training.trainer import QuietTrainer
from mllmu.unlearning.pairs import EncodedPair, PairDataset
from mllmu.unlearning.step import Step

Loss = Callable[[Step], Tensor]
_WEIGHTS_FILE = "learned.safetensors"


@dataclass(frozen=True)
class PairCollator:
    """Makes a batch of pairs: each half padded on its own, with its reference values.

    Attributes:
        pad_id: token to fill rows up with.
        forget_log_probs: [forget samples] of the frozen model; None where the method needs none.
        retain_distributions: per retain sample [tokens, v] of the frozen model; None likewise.
    """

    pad_id: int
    forget_log_probs: Tensor | None = None
    retain_distributions: Sequence[Tensor] | None = None

    def __call__(self, items: Sequence[EncodedPair]) -> dict[str, dict[str, Any]]:
        """A batch of halves; ``Side`` reads them."""
        forget = self._half([item.forget for item in items])
        if self.forget_log_probs is not None:
            forget["log_probs"] = self.forget_log_probs[[item.pair.forget for item in items]]
        batch = {"forget": forget}
        retained = [item.retain for item in items if item.retain is not None]
        if retained:
            batch["retain"] = self._half(retained)
        if self.retain_distributions is not None:
            rows = [self.retain_distributions[i.pair.retain] for i in items if i.pair.retain is not None]
            batch["retain"]["distributions"] = torch.cat(rows)
        return batch

    def _half(self, rows: list[Encoded]) -> dict[str, Any]:
        inputs = collate(rows, self.pad_id, side="right")
        return {"inputs": inputs, "tokens": int(inputs["answer_mask"].sum()), "samples": len(rows)}


class UnlearningTrainer(QuietTrainer):
    """Minimises a method's loss over pairs, in the order they were drawn."""

    def __init__(
        self,
        model: nn.Module,
        pairs: PairDataset,
        collator: PairCollator,
        loss: Loss,
        settings: OptimizationSettings,
        arguments: TrainingArguments,
        progress: Progress | None = None,
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
        """
        super().__init__(model, pairs, collator, settings, arguments, progress)
        self.loss = loss

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Keep what learns, in a checkpoint.

        The trainer itself renames the weights of image-text-to-text models when it saves them, and then finds
        none of them when it loads.
        """
        assert output_dir is not None
        learned = {name: parameter.detach() for name, parameter in self._learned()}
        Path(output_dir).mkdir(parents=True, exist_ok=True)
        save_file(learned, Path(output_dir) / _WEIGHTS_FILE)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Take back what ``_save`` kept."""
        learned = load_file(Path(resume_from_checkpoint) / _WEIGHTS_FILE)
        with torch.no_grad():
            for name, parameter in self._learned():
                parameter.copy_(learned[name])

    def _learned(self) -> Iterator[tuple[str, nn.Parameter]]:
        model: Any = self.model
        return ((name, p) for name, p in model.named_parameters() if p.requires_grad)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return SequentialSampler(self.train_dataset if train_dataset is None else train_dataset)  # type: ignore[arg-type]

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Tensor | int | None]:
        """Fetch the batches of one optimizer step, and tell each what the whole step holds.

        Means over tokens and samples are then the same however a step is cut into forward passes.
        """
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        for half in batches[0] if batches else ():
            for total in ("tokens", "samples"):
                whole = sum(batch[half][total] for batch in batches)
                for batch in batches:
                    batch[half][total] = whole
        return batches, sum(batch["forget"]["tokens"] for batch in batches)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The method's loss, normalised over the optimizer step."""
        step = Step(model, inputs, self.precision)
        loss = self.loss(step)
        return (loss, {}) if return_outputs else loss
