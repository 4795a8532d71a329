"""Training a model on a loss over pairs of forget and retain samples."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mllmu.models import module_map
from mllmu.models.model_parts import layer_of_every_input
from mllmu.training import OptimizationSettings, Sample, training_arguments
from mllmu.training.added_adapters import adapter_noted
from mllmu.training.checkpointing import checkpointed
from mllmu.training.data.answer_collator import AnswerCollator
from mllmu.training.packing.packing_trial import row_packer
from mllmu.training.rounded_products import rounded_up
from mllmu.training.seeds import kept_random_state, part_seed
from mllmu.training.sharding.shardable import require_whole
from mllmu.training.sharding.sharded_copy import sharded
from mllmu.training.trainability import trainable
from mllmu.training.trainers.diverged_training import require_finite
from mllmu.training.trainers.step_shares import require_shares
from mllmu.training.trainers.trainer_arguments import steps_of_a_pass
from mllmu.unlearning.frozen.frozen_values import Reader
from mllmu.unlearning.halves.encoded_halves import encoded_halves
from mllmu.unlearning.halves.half_samples import half_samples
from mllmu.unlearning.method import Job
from mllmu.unlearning.need import Half, Need, halves_of
from mllmu.unlearning.pairing.pair_trainer import PairCollator, Prepared, UnlearningTrainer
from mllmu.unlearning.pairing.pairs import Grouping, Pair, PairDataset, draw_pairs
from mllmu.unlearning.pairing.pass_watcher import PassWatcher
from mllmu.unlearning.unlearning_settings import UnlearningSettings
from mllmu.unlearning.weights.sine_projector import sine_projector

_LOG = logging.getLogger(__name__)
# Without gradients a forward pass of this many training batches fits where one with gradients does.
_REFERENCE_BATCHES = 4

Learns = Callable[[Any, OptimizationSettings, int], AbstractContextManager[Any]]
"""A model, how it is trained, and a seed -> while it lasts, the module to train."""


def train_on_pairs(
    job: Job,
    settings: UnlearningSettings,
    needs: frozenset[Need],
    prepare: Callable[[Any], Prepared],
    title: str,
    state_layer: Callable[[int], int] = lambda layers: layers - 1,
    learns: Learns = trainable,
) -> None:
    """Minimise a loss over forget and retain samples, in place.

    Args:
        job: the model, what to forget and what to retain.
        settings: how to train.
        needs: what the loss reads besides the forget half.
        prepare: called with the model as it is to be trained, adapters included, before its first step.
        title: whose training this is, for messages.
        state_layer: number of decoder layers -> which of them hidden states are read of, from 0; where texts
            without a picture pass by it, the nearest one is.
        learns: lets some parameters learn while it lasts; by default those that the settings name.

    Raises:
        UserError: if there is no sample for a half that is read, some process would have no part of a step,
            or the training diverges.
    """
    require_shares(settings)
    if job.watch is not None:
        require_whole("looking at a model while it is made to forget")
    halves = halves_of(needs)
    count = max(1, rounded_up(settings.passes, job.samples_of_a_pass))
    pairs = draw_pairs(
        [sample.image for sample in job.forget],
        [sample.image for sample in job.retain] if Half.RETAIN in halves else (),
        count,
        job.seed,
        Grouping(settings.questions_per_image, settings.batch_size),
    )
    pairs, retain = _drawn(pairs, job.retain)
    samples = {half: retain if half is Half.RETAIN else half_samples(half, job) for half in halves}
    layers = module_map(job.loaded.model).layers
    layer = layers[layer_of_every_input(job.loaded.model, state_layer(len(layers)))]
    with (
        kept_random_state(),
        TemporaryDirectory() as folder,
        adapter_noted(job.loaded, settings) as note,
        learns(job.loaded.model, settings, part_seed(job.seed, "adapters")) as learner,
        sine_projector(job.loaded.model) if settings.sine_projector else nullcontext(),
        checkpointed(job.loaded.model) if settings.gradient_checkpointing else nullcontext(),
    ):
        items = encoded_halves(job.loaded, samples, settings.forget_tokens)
        every = (half[index] for half in items.values() for index in range(len(half)))
        packer = row_packer(job.loaded, learner, every, settings.precision)
        collator = AnswerCollator(job.loaded.encoder.pad_id, packer)
        size = settings.batch_size * _REFERENCE_BATCHES
        reader = Reader(learner, collator, size, settings.precision, layer, job.progress)
        frozen = reader.read(needs, items)
        prepared = prepare(learner)
        # The pairs hold all passes one after another.
        steps, part = steps_of_a_pass(len(pairs), settings), part_seed(job.seed, "training")
        upkeep = job.upkeep
        if upkeep.state_folder is not None and not prepared.is_resumable:
            _LOG.warning("%s keeps what no state on disk holds: if it is killed, it begins anew.", title)
            upkeep = replace(upkeep, state_folder=None)
        states = upkeep.state_folder or Path(folder)
        arguments = training_arguments(settings, steps, part, job.loaded.device, states, upkeep.tracking)
        with sharded(job.loaded, learner) as model:
            trainer = UnlearningTrainer(
                model,
                PairDataset(pairs, items),
                PairCollator(collator, frozen),
                prepared.loss,
                settings,
                arguments,
                job.progress,
                samples_of_a_pass=job.samples_of_a_pass,
                seed=job.seed,
                state_layer=layer,
            )
            trainer.title, trainer.tensors = title, prepared.tensors
            for callback in prepared.callbacks:
                trainer.add_callback(callback)
            if job.watch is not None:
                passes_at = _steps_of(job.watch.passes, steps, job.samples_of_a_pass, settings)
                watcher = PassWatcher(job.watch, job.loaded, passes_at, settings.precision, upkeep)
                trainer.add_callback(watcher)
            try:
                trainer.train_on(upkeep)
            finally:
                for callback in prepared.callbacks:  # transformers calls them at a good end alone
                    callback.on_train_end(arguments, trainer.state, trainer.control)
        require_finite(job.loaded.model, title)
        note(learner)


def _steps_of(
    passes: Sequence[float], steps: int, samples_of_a_pass: int, settings: UnlearningSettings
) -> dict[int, float]:
    """The optimizer step in which each of some passes ends, but for the last step and those after it."""
    samples = settings.batch_size * settings.gradient_accumulation
    ends = {math.ceil(rounded_up(done, samples_of_a_pass) / samples): done for done in passes}
    return {step: done for step, done in ends.items() if step < steps}


def _drawn(pairs: Sequence[Pair], retain: Sequence[Sample]) -> tuple[list[Pair], list[Sample]]:
    """The pairs with positions among those retain samples that are drawn at all, and those samples."""
    drawn = sorted({pair.retain for pair in pairs if pair.retain is not None})
    position = {old: new for new, old in enumerate(drawn)}
    moved = [replace(p, retain=None if p.retain is None else position[p.retain]) for p in pairs]
    return moved, [retain[index] for index in drawn]
