"""Training a model on a loss over pairs of forget and retain samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mllmu.training import Sample, SampleDataset, training_arguments
from mllmu.training.seeds import kept_random_state, part_seed
from mllmu.training.trainability import trainable
from mllmu.training.trainer import require_finite, steps_of_a_pass
from mllmu.unlearning.forget_tokens import ForgetTokenChoice
from mllmu.unlearning.frozen_model import answer_distributions, answer_log_probs
from mllmu.unlearning.method import Job
from mllmu.unlearning.need import Need
from mllmu.unlearning.pair_trainer import Loss, PairCollator, UnlearningTrainer
from mllmu.unlearning.pairs import Pair, PairDataset, draw_pairs
from mllmu.unlearning.pass_watcher import PassWatcher, last_state
from mllmu.unlearning.unlearning_settings import UnlearningSettings

# Without gradients a forward pass of this many training batches fits where one with gradients does.
_REFERENCE_BATCHES = 4


def train_on_pairs(
    job: Job, settings: UnlearningSettings, needs: frozenset[Need], loss: Loss, title: str
) -> None:
    """Minimise a loss over forget and retain samples, in place.

    Args:
        job: the model, what to forget and what to retain.
        settings: how to train.
        needs: what the loss reads besides the forget half.
        loss: what to minimise.
        title: whose training this is, for messages.

    Raises:
        UserError: if the training diverges.
    """
    reads_retain = not needs.isdisjoint({Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})
    count = max(1, math.ceil(settings.passes * job.samples_of_a_pass))
    pairs = draw_pairs(len(job.forget), len(job.retain) if reads_retain else 0, count, job.seed)
    pairs, retain = _drawn(pairs, job.retain)
    with (
        kept_random_state(),
        TemporaryDirectory() as folder,
        trainable(job.loaded.model, settings, part_seed(job.seed, "adapters")) as learner,
    ):
        choice = ForgetTokenChoice(settings.forget_tokens)
        forget_items = SampleDataset(job.loaded, job.forget, choice)
        choice.tell()
        retain_items = SampleDataset(job.loaded, retain)
        collator = _collator(learner, job, settings, needs, (forget_items, retain_items))
        # The pairs hold all passes one after another.
        steps, part = steps_of_a_pass(len(pairs), settings), part_seed(job.seed, "training")
        state_folder = Path(folder) if job.watch is None else job.watch.state_folder or Path(folder)
        arguments = training_arguments(settings, steps, part, job.loaded.device, state_folder)
        dataset = PairDataset(pairs, forget_items, retain_items)
        trainer = UnlearningTrainer(learner, dataset, collator, loss, settings, arguments, job.progress)
        if job.watch is not None:
            passes_at = _steps_of(job.watch.passes, steps, job.samples_of_a_pass, settings)
            trainer.add_callback(PassWatcher(job.watch, job.loaded, passes_at, settings.precision))
        trainer.train(resume_from_checkpoint=last_state(state_folder))
        require_finite(job.loaded.model, title)


def _collator(
    learner: Any,
    job: Job,
    settings: UnlearningSettings,
    needs: frozenset[Need],
    items: tuple[SampleDataset, SampleDataset],
) -> PairCollator:
    """Batches with what the loss reads of the model as it is before the first step."""
    forget, retain = items
    pad_id = job.loaded.encoder.pad_id
    how = (pad_id, settings.batch_size * _REFERENCE_BATCHES, settings.precision)
    return PairCollator(
        pad_id,
        answer_log_probs(learner, forget, *how) if Need.FORGET_LOG_PROBS in needs else None,
        answer_distributions(learner, retain, *how) if Need.RETAIN_DISTRIBUTIONS in needs else None,
    )


def _steps_of(
    passes: Sequence[float], steps: int, samples_of_a_pass: int, settings: UnlearningSettings
) -> dict[int, float]:
    """The optimizer step in which each of some passes ends, but for the last step and those after it."""
    samples = settings.batch_size * settings.gradient_accumulation
    ends = {math.ceil(done * samples_of_a_pass / samples): done for done in passes}
    return {step: done for step, done in ends.items() if step < steps}


def _drawn(pairs: Sequence[Pair], retain: Sequence[Sample]) -> tuple[list[Pair], list[Sample]]:
    """The pairs with positions among those retain samples that are drawn at all, and those samples."""
    drawn = sorted({pair.retain for pair in pairs if pair.retain is not None})
    position = {old: new for new, old in enumerate(drawn)}
    moved = [Pair(p.forget, None if p.retain is None else position[p.retain]) for p in pairs]
    return moved, [retain[index] for index in drawn]
