"""Fine-tuning a model on samples."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.training.added_adapters import adapter_noted
from mllmu.training.checkpointing import checkpointed
from mllmu.training.data.dataset import EncodedItems, SampleDataset, require_own_processor
from mllmu.training.data.replay import Lessons, ReplayDataset
from mllmu.training.data.samples import Sample
from mllmu.training.packing.packing_trial import row_packer
from mllmu.training.rounded_products import rounded_up
from mllmu.training.seeds import kept_random_state, part_seed
from mllmu.training.settings import TrainingSettings
from mllmu.training.sharding.sharded_copy import sharded
from mllmu.training.trainability import trainable
from mllmu.training.trainers.answer_trainer import AnswerTrainer
from mllmu.training.trainers.diverged_training import require_finite
from mllmu.training.trainers.step_shares import require_shares
from mllmu.training.trainers.trainer_arguments import steps_of_a_pass, training_arguments
from mllmu.training.upkeep.last_good import last_good_kept
from mllmu.training.upkeep.training_upkeep import Upkeep


def fine_tune(
    loaded: LoadedModel,
    samples: Sequence[Sample],
    settings: TrainingSettings,
    seed: int,
    progress: Progress | None = None,
    replay: Lessons | None = None,
    upkeep: Upkeep | None = None,
) -> LoadedModel:
    """Train a model on samples, and on old lessons beside them, in place.

    The loss is the mean negative log-likelihood of the answer tokens, end token included.

    Args:
        loaded: the model; its weights change.
        samples: what to teach; see ``training_samples``.
        settings: how.
        seed: fixes the order of the samples, adapters and dropout.
        progress: called with the steps done and the steps there are.
        replay: gives the old lessons of each epoch; None for none.
        upkeep: what is kept on the way; nothing by default.

    Returns:
        The model given, for chaining.

    Raises:
        UserError: if there is nothing to teach, nothing to rehearse although that is set, a process would
            have no part of a step, the processor is that of another model, or the training diverges.

    Example:
        ::

            samples = training_samples(benchmark, benchmark.profiles, "both")
            fine_tune(load_model("tiny"), samples, TrainingSettings(epochs=2), seed=0)
    """
    if not samples:
        raise UserError("There is nothing to train on; expected at least one training question.")
    items: EncodedItems = SampleDataset(loaded, samples)
    require_own_processor(loaded, samples)
    if replay is not None:
        items = ReplayDataset(loaded, items, replay)
    elif settings.rehearsal:
        raise UserError(
            f"The setting 'rehearsal' is {settings.rehearsal}, and there are no lessons to rehearse; "
            "expected 0."
        )
    train_items(loaded, items, settings, seed, progress, upkeep)
    return loaded


def train_items(
    loaded: LoadedModel,
    items: EncodedItems,
    settings: TrainingSettings,
    seed: int,
    progress: Progress | None = None,
    upkeep: Upkeep | None = None,
) -> None:
    """Train a model in place on items that are encoded already; see ``fine_tune``."""
    require_shares(settings)
    upkeep = upkeep or Upkeep()
    steps = settings.max_steps or rounded_up(settings.epochs, steps_of_a_pass(len(items), settings))
    with (
        last_good_kept(loaded, upkeep),
        kept_random_state(),
        TemporaryDirectory() as folder,
        adapter_noted(loaded, settings) as note,
        trainable(loaded.model, settings, part_seed(seed, "adapters")) as learner,
        checkpointed(loaded.model) if settings.gradient_checkpointing else nullcontext(),
    ):
        part = part_seed(seed, "training")
        states = upkeep.state_folder or Path(folder)
        arguments = training_arguments(settings, steps, part, loaded.device, states, upkeep.tracking)
        every = (items[index] for index in range(len(items)))
        packer = row_packer(loaded, learner, every, settings.precision)
        pad_id = loaded.encoder.pad_id
        with sharded(loaded, learner) as model:
            AnswerTrainer(model, items, pad_id, settings, arguments, progress, packer).train_on(upkeep)
        require_finite(loaded.model, "Fine-tuning")
        note(learner)
