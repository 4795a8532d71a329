"""A trainer that minimises a loss over answer tokens only."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.utils.data import Dataset, Sampler
from transformers import TrainingArguments

from mllmu.models import Encoded
from mllmu.progress import Progress
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.training.data.dataset import EncodedItems
from mllmu.training.data.sampler import LengthGroupedSampler
from mllmu.training.packing.row_packer import RowPacker
from mllmu.training.precision import autocast
from mllmu.training.settings import OptimizationSettings
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.training.trainers.trainer import QuietTrainer


class _Items(Dataset[Encoded]):
    """Items without their ``set_epoch``, which accelerate would call as well as the sampler."""

    def __init__(self, items: EncodedItems) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]


class AnswerTrainer(QuietTrainer):
    """Minimises the mean negative log-likelihood of all answer tokens in an optimizer step.

    Micro-batches are weighted by their answer tokens, so that one batch of eight and eight batches of one
    give one gradient.
    """

    title = "Fine-tuning"

    def __init__(
        self,
        model: nn.Module,
        items: EncodedItems,
        pad_id: int,
        settings: OptimizationSettings,
        arguments: TrainingArguments,
        progress: Progress | None = None,
        packer: RowPacker | None = None,
    ) -> None:
        """Prepare a training.

        Args:
            model: what learns; only parameters that require gradients change.
            items: encoded samples; see ``EncodedItems`` for collections that are re-drawn every epoch.
            pad_id: token to fill rows up with.
            settings: the settings that ``arguments`` were made of.
            arguments: what ``training_arguments`` made.
            progress: called after every optimizer step.
            packer: packs samples that show one picture; None to pack none.
        """
        collator = AnswerCollator(pad_id, packer)
        super().__init__(model, _Items(items), collator, settings, arguments, progress)
        self.items = items
        self._questions_per_image = settings.questions_per_image

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return LengthGroupedSampler(
            self.items, self.args.train_batch_size, self.args.seed, self._questions_per_image
        )

    def tell_totals(self, samples: list[Any], batches: list[dict[Any, Any]]) -> int:
        """See ``QuietTrainer.tell_totals``."""
        return sum(int(sample.answer_mask.sum()) for sample in samples)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Sum of the answer tokens' negative log-likelihoods over all answer tokens of the step."""
        with autocast(self.precision, self.args.device):
            answers = answer_logits(self.learner, inputs["inputs"], inputs.get("packed"))
        tokens = len(answers.targets) if num_items_in_batch is None else num_items_in_batch
        loss = nn.functional.cross_entropy(answers.logits, answers.targets, reduction="sum") / tokens
        return (loss, {"logits": answers.logits}) if return_outputs else loss
