"""The trainer's own arguments, and how many steps it takes."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from transformers import TrainingArguments

from mllmu.processes import process_count
from mllmu.training.rounded_products import rounded_up
from mllmu.training.settings import OptimizationSettings
from mllmu.training.upkeep.tracking import PROJECT, Tracking


def steps_of_a_pass(samples: int, settings: OptimizationSettings) -> int:
    """Optimizer steps of one pass over some samples, the last one with what is left of them."""
    batches = math.ceil(samples / settings.batch_size)
    return math.ceil(batches / settings.gradient_accumulation)


def training_arguments(
    settings: OptimizationSettings,
    steps: int,
    seed: int,
    device: torch.device,
    folder: Path,
    tracking: Tracking | None = None,
) -> TrainingArguments:
    """The trainer's own arguments: quiet, a device per process, with the checkpoints that callbacks ask for.

    Args:
        settings: how to train.
        steps: optimizer steps.
        seed: of dropout and the like.
        device: where the model is.
        folder: for what the trainer writes.
        tracking: who is told of each step; None for nobody.
    """
    decays = settings.schedule == "warmup_stable_decay"
    # The first step of a warm-up has a rate of zero: a training of one step would change nothing.
    warmup = min(rounded_up(settings.warmup_ratio, steps), steps - 1)
    # Both are rounded, and would overlap where they leave no step between them.
    decay = min(round(settings.decay_ratio * steps), steps - warmup)
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=warmup,
        lr_scheduler_type=settings.schedule,
        lr_scheduler_kwargs={"num_decay_steps": decay} if decays else {},
        max_grad_norm=settings.max_grad_norm,
        # Of "muon" the trainer knows nothing; it is handed the optimizer itself.
        optim="adamw_torch_fused" if settings.optimizer == "muon" else settings.optimizer,
        seed=seed,
        use_cpu=device.type == "cpu",
        save_strategy="no",
        save_total_limit=1,  # of what callbacks have saved
        logging_strategy="steps",
        logging_steps=1,
        report_to="none" if tracking is None else list(tracking.trackers),
        run_name=None if tracking is None else tracking.title,
        project=PROJECT,
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,  # it yields samples; they become batches later
        average_tokens_across_devices=False,  # losses are divided by the tokens of all processes already
    )
    # DataParallel would hide the base model and split a batch's images in the wrong place.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    if process_count() == 1 and device.type == "cuda":
        # The trainer takes the first GPU, and would move the model there; accelerate takes the current one.
        torch.cuda.set_device(device)
        arguments._setup_devices = device
    return arguments
