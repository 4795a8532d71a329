"""transformers.Trainer for losses that are parts of a whole step's, on one process or several."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate.data_loader import BatchSamplerShard
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset
from transformers import PrinterCallback, Trainer, TrainingArguments

from mllmu.processes import add_up, from_main, process_count, process_rank
from mllmu.progress import Progress
from mllmu.training.optimizers import muon_with_adamw
from mllmu.training.settings import OptimizationSettings
from mllmu.training.sharding.sharded_copy import is_sharded
from mllmu.training.trainers.diverged_training import diverged
from mllmu.training.trainers.step_shares import Replica, add_up_gradients, shares_of_step
from mllmu.training.trainers.training_progress import ProgressReporter
from mllmu.training.upkeep.kept_state import StateKeeper, keep_learned, last_state, reading_state, take_back
from mllmu.training.upkeep.step_log import LOSS, PASSES, step_logs
from mllmu.training.upkeep.tracking import join_trackers, leave_trackers
from mllmu.training.upkeep.training_upkeep import Upkeep

_LOG = logging.getLogger(__name__)


@contextmanager
def _kept_config(model: Any) -> Iterator[None]:
    """Leaves a model's config, which is stored with its weights: the Trainer switches caches off in it."""
    # Models of a test need not have one.
    values: dict[str, Any] = vars(model.config) if hasattr(model, "config") else {}
    before = dict(values)
    yield
    values.clear()
    values.update(before)


class QuietTrainer(Trainer):
    """A trainer that says how far it is to a progress function only, and takes our optimizers and losses.

    Losses are parts of the loss of a whole optimizer step, which add up to it over forward passes and over
    processes (see ``step_shares``).

    Attributes:
        title: whose training it is, for messages.
        parts: forward passes of the current optimizer step, in all processes.
        memory: numbers that a loss keeps from one step to the next; a state has them.
        tensors: what a loss changes in place from step to step; a state has them, too.
        loss_parts: parts of the loss of the last step, in all processes; for the log.
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
        with _kept_config(model):
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
        self._own_passes = 0
        self._loss_of_step = torch.zeros(())
        self.memory: dict[str, float] = {}
        self.tensors: Mapping[str, Tensor] = {}
        self.loss_parts: Mapping[str, float] = {}
        self._collator = collator
        quieten(self, progress)

    def train_on(self, upkeep: Upkeep) -> None:
        """Train from the last state that was kept to the end.

        Args:
            upkeep: where states are; ``training_arguments`` were given the same folder, if there is one.

        Raises:
            UserError: if the training diverges, or a state cannot be read.
        """
        folder, state = upkeep.state_folder, None
        if folder is not None and is_sharded(self.learner):
            if process_rank() == 0:
                _LOG.warning("%s keeps no state under FSDP: if it is killed, it begins anew.", self.title)
        elif folder is not None:
            self.add_callback(StateKeeper(upkeep.seconds))
            # One process looks for all: others might see a state less, or a state more.
            state = from_main(lambda: last_state(folder))
        if upkeep.tracking is not None:
            join_trackers(self, upkeep.tracking)
        try:
            self.train(resume_from_checkpoint=state)
        finally:
            if upkeep.tracking is not None:  # or the next training of the process would write on
                leave_trackers(upkeep.tracking)
        upkeep.log.extend(step_logs(self.state.log_history, upkeep.name))

    def passes_done(self) -> float:
        """Passes over what is learned; for the log."""
        return self.state.epoch or 0.0

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log a step with the parts of its loss."""
        if LOSS in logs:  # not so the trainer's summary at the end
            # The trainer takes the mean over processes of what are shares of a sum.
            logs |= {LOSS: logs[LOSS] * process_count(), **self.loss_parts, PASSES: self.passes_done()}
        super().log(logs, start_time)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The samples of a pass, in every process all of them."""
        loader: DataLoader[Any] = super().get_train_dataloader()
        shard = loader.batch_sampler
        if isinstance(shard, BatchSamplerShard):
            # Accelerate deals out whole batches, and repeats samples where they do not come out even.
            shard.num_processes, shard.process_index, shard.even_batches = 1, 0, False
            # Where a training goes on after a kill, accelerate looks here for whom to tell the epoch.
            shard.sampler = shard.batch_sampler.sampler
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
        mine = shares[process_rank()]
        self._own_passes = len(mine)
        if is_sharded(self.learner):
            # In each pass weights come from all processes: who has fewer of its own takes part in idle ones.
            mine += [step[0][:1]] * (max(map(len, shares)) - len(mine))
        batches = [self._collator(samples) for samples in mine]
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
            DivergedError: if the loss is infinite or not a number; weights are as they were before the step.
        """
        loss = torch.zeros((), device=self.args.device)
        self._own_passes -= 1
        if inputs and self._own_passes >= 0:
            loss = super().training_step(model, inputs, num_items_in_batch)
        elif inputs:
            self.idle_pass(model, inputs)
        self._loss_of_step = self._loss_of_step + loss.detach()
        if self.accelerator.sync_gradients:
            add_up(self._loss_of_step)  # so that all processes end for the loss of one
            self._require_finite(self._loss_of_step, "its loss is")
            self._loss_of_step = torch.zeros(())
            self.finish_step()
        return loss

    def _get_grad_norm(self, model: nn.Module, grad_norm: Any = None) -> Any:
        """The norm of the gradient of a whole step, before weights change.

        Raises:
            DivergedError: if it is infinite or not a number, which a finite loss can have.
        """
        norm = super()._get_grad_norm(model, grad_norm)
        self._require_finite(norm, "the norm of its gradient is")
        return norm

    def _require_finite(self, value: Tensor, what: str) -> None:
        if not torch.isfinite(value):
            step = f"step {self.state.global_step + 1} of {self.state.max_steps}"
            raise diverged(self.title, f"in {step} {what} {value.item()}")

    def finish_step(self) -> None:
        """Add up what the processes have made of their shares, before weights change."""
        if not is_sharded(self.learner):  # else they are added up already
            add_up_gradients(self.learner.parameters())

    def idle_pass(self, model: nn.Module, inputs: dict[str, Any]) -> None:
        """Give the other processes this one's pieces of the weights, forward and backward; nothing counts."""
        model.train()
        loss: Tensor = self.compute_loss(model, self._prepare_inputs(inputs))  # type: ignore[assignment]
        (0 * loss).backward()

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Write what learns, and what the loss keeps, into a state; all processes have the same."""
        assert output_dir is not None
        if self.args.should_save:
            keep_learned(Path(output_dir), self.learner, self.tensors, self.memory)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        with reading_state(resume_from_checkpoint):
            self.memory.update(take_back(Path(resume_from_checkpoint), self.learner, self.tensors))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with reading_state(str(checkpoint)):
            super()._load_optimizer_and_scheduler(checkpoint)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with reading_state(str(checkpoint)):
            super()._load_rng_state(checkpoint)

    def _wrap_model(self, model: nn.Module, training: bool = True, dataloader: Any = None) -> nn.Module:
        return Replica(self.learner)

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Not counted: it walks through all parameters at every step, and nobody reads it."""
        return 0


def own_optimizer(model: nn.Module, settings: OptimizationSettings) -> tuple[Optimizer | None, None]:
    """What a trainer takes as its optimizers: ours where the settings name it, else none, and no schedule."""
    if settings.optimizer != "muon":
        return None, None
    rate, decay, precision = settings.learning_rate, settings.weight_decay, settings.precision
    return muon_with_adamw(model, rate, decay, precision), None


def quieten(trainer: Trainer, progress: Progress | None) -> None:
    """Make a trainer report to a progress function instead of the terminal, and count loss weights itself."""
    trainer.remove_callback(PrinterCallback)
    if progress is not None:
        trainer.add_callback(ProgressReporter(progress))
    # Our losses are normalised over the whole optimizer step; the trainer must not divide them again.
    trainer.model_accepts_loss_kwargs = True
