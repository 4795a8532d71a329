"""transformers.Trainer with a loss over answer tokens only."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate.data_loader import BatchSamplerShard
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset, Sampler
from transformers import PrinterCallback, Trainer, TrainingArguments

from mllmu.errors import UserError
from mllmu.models import Encoded
from mllmu.processes import process_count, process_rank
from mllmu.progress import Progress
from mllmu.training.answer_collator import AnswerCollator
from mllmu.training.answer_logits import answer_logits
from mllmu.training.dataset import EncodedItems
from mllmu.training.optimizers import muon_with_adamw
from mllmu.training.packing.row_packer import RowPacker
from mllmu.training.precision import autocast
from mllmu.training.sampler import LengthGroupedSampler
from mllmu.training.settings import OptimizationSettings
from mllmu.training.step_shares import Replica, add_up_gradients, shares_of_step
from mllmu.training.training_progress import ProgressReporter


def steps_of_a_pass(samples: int, settings: OptimizationSettings) -> int:
    """Optimizer steps of one pass over some samples, the last one with what is left of them."""
    batches = math.ceil(samples / settings.batch_size)
    return math.ceil(batches / settings.gradient_accumulation)


def training_arguments(
    settings: OptimizationSettings, steps: int, seed: int, device: torch.device, folder: Path
) -> TrainingArguments:
    """The trainer's own arguments: quiet, a device per process, with the checkpoints that callbacks ask for.

    Args:
        settings: how to train.
        steps: optimizer steps.
        seed: of dropout and the like.
        device: where the model is.
        folder: for what the trainer writes.
    """
    decays = settings.schedule == "warmup_stable_decay"
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_ratio,
        lr_scheduler_type=settings.schedule,
        lr_scheduler_kwargs={"num_decay_steps": round(settings.decay_ratio * steps)} if decays else {},
        max_grad_norm=settings.max_grad_norm,
        # Of "muon" the trainer knows nothing; it is handed the optimizer itself.
        optim="adamw_torch_fused" if settings.optimizer == "muon" else settings.optimizer,
        seed=seed,
        use_cpu=device.type == "cpu",
        save_strategy="no",
        save_total_limit=1,  # of what callbacks have saved
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,  # it yields samples; they become batches later
        average_tokens_across_devices=False,  # losses are divided by the tokens of all processes already
    )
    # DataParallel would hide the base model and split a batch's images in the wrong place.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


class _Items(Dataset[Encoded]):
    """Items without their ``set_epoch``, which accelerate would call as well as the sampler."""

    def __init__(self, items: EncodedItems) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Encoded:
        return self._items[index]


class QuietTrainer(Trainer):
    """A trainer that says how far it is to a progress function only, and takes our optimizers and losses.

    Losses are parts of the loss of a whole optimizer step, which add up to it over forward passes and over
    processes (see ``step_shares``).

    Attributes:
        title: whose training it is, for messages.
        parts: forward passes of the current optimizer step, in all processes.
    """

    title = "The training"

    def __init__(
        self,
        model: nn.Module,
        dataset: Dataset[Any],
        collator: Callable[[list[Any]], Any],
        settings: OptimizationSettings,
        arguments: TrainingArguments,
        progress: Progress | None,
    ) -> None:
        """Prepare a training; ``training_arguments`` made ``arguments`` of ``settings``."""
        super().__init__(
            model=model,
            args=arguments,
            train_dataset=dataset,
            data_collator=list,  # type: ignore[arg-type]  # every process is to see the samples of all
            optimizers=own_optimizer(model, settings),  # type: ignore[arg-type]
        )
        self.learner = model
        self.precision = settings.precision
        self.parts = 1
        self._collator = collator
        quieten(self, progress)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The samples of a pass, in every process all of them."""
        loader: DataLoader[Any] = super().get_train_dataloader()
        shard = loader.batch_sampler
        if isinstance(shard, BatchSamplerShard):
            # Accelerate deals out whole batches, and repeats samples where they do not come out even.
            shard.num_processes, shard.process_index, shard.even_batches = 1, 0, False
        return loader

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Tensor | int | None]:
        """This process's batches of one optimizer step, and what the loss of the whole step is divided by.

        A process with fewer batches than others has empty ones instead: the trainer counts them.
        """
        step, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        shares = shares_of_step(step, process_count())
        self.parts = sum(len(share) for share in shares)
        batches = [self._collator(samples) for samples in shares[process_rank()]]
        divisor = self.tell_totals([sample for batch in step for sample in batch], batches)
        return [*batches, *({} for _ in range(len(step) - len(batches)))], divisor

    def tell_totals(self, samples: list[Any], batches: list[dict[Any, Any]]) -> int:
        """How many answer tokens an optimizer step holds, in all processes.

        Args:
            samples: of the whole step.
            batches: this process's; losses that read other totals find them there afterwards.
        """
        raise NotImplementedError

    def training_step(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor:
        """One forward and backward pass; after the last of a step, gradients are those of all processes.

        Raises:
            UserError: if the loss is infinite or not a number; weights are as they were before the step.
        """
        loss = torch.zeros((), device=self.args.device)
        if inputs:
            loss = super().training_step(model, inputs, num_items_in_batch)
        if not torch.isfinite(loss):
            step = f"step {self.state.global_step + 1} of {self.state.max_steps}"
            raise _diverged(self.title, f"in {step} its loss is {loss.item()}")
        if self.accelerator.sync_gradients:
            self.finish_step()
        return loss

    def finish_step(self) -> None:
        """Add up what the processes have made of their shares, before weights change."""
        add_up_gradients(self.learner.parameters())

    def _wrap_model(self, model: nn.Module, training: bool = True, dataloader: Any = None) -> nn.Module:
        return Replica(self.learner)

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Not counted: it walks through all parameters at every step, and nobody reads it."""
        return 0


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


def own_optimizer(model: nn.Module, settings: OptimizationSettings) -> tuple[Optimizer | None, None]:
    """What a trainer takes as its optimizers: ours where the settings name it, else none, and no schedule."""
    if settings.optimizer != "muon":
        return None, None
    return muon_with_adamw(model, settings.learning_rate, settings.weight_decay), None


def quieten(trainer: Trainer, progress: Progress | None) -> None:
    """Make a trainer report to a progress function instead of the terminal, and count loss weights itself."""
    trainer.remove_callback(PrinterCallback)
    if progress is not None:
        trainer.add_callback(ProgressReporter(progress))
    # Our losses are normalised over the whole optimizer step; the trainer must not divide them again.
    trainer.model_accepts_loss_kwargs = True


def require_finite(model: nn.Module, what: str) -> None:
    """Raise if a training has destroyed weights.

    Raises:
        UserError: if a weight is infinite or not a number.
    """
    for name, parameter in model.named_parameters():
        if not torch.isfinite(parameter).all():
            raise _diverged(what, f"weight '{name}' is no longer a finite number")


def _diverged(what: str, how: str) -> UserError:
    return UserError(
        f"{what} diverged: {how}; expected a smaller learning_rate or max_grad_norm, or a shorter training."
    )
