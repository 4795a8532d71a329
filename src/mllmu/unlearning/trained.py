"""Methods that forget by training: a loss, and what it has to be given."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import Tensor

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import OptimizationSettings, Sample, SampleDataset, training_arguments
from mllmu.training.seeds import kept_random_state, part_seed
from mllmu.training.trainability import trainable
from mllmu.training.trainer import require_finite
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.pairs import Pair, PairDataset, draw_pairs
from mllmu.unlearning.reference import answer_distributions, answer_log_probs
from mllmu.unlearning.step import Step
from mllmu.unlearning.trainer import PairCollator, UnlearningTrainer

# Without gradients a forward pass of this many training batches fits where one with gradients does.
_REFERENCE_BATCHES = 4


class Need(Enum):
    """What a loss reads besides the forget half."""

    RETAIN = auto()
    FORGET_LOG_PROBS = auto()
    RETAIN_DISTRIBUTIONS = auto()


class TrainedMethod(Method):
    """A method that is a loss over forget and retain halves."""

    settings: OptimizationSettings

    @abstractmethod
    def loss(self, step: Step) -> Tensor:
        """What to minimise; means must be taken with ``step.forget.tokens`` and the like."""

    def needs(self) -> frozenset[Need]:
        """What the loss reads besides the forget half, with these settings."""
        return frozenset()

    def apply(self, job: Job) -> LoadedModel:
        """Train the model in place.

        Raises:
            UserError: if samples are missing that the loss reads, or the training diverges.
        """
        needs = self.needs()
        keeps = not needs.isdisjoint({Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})
        if not job.forget:
            raise UserError(f"Method '{self.name}' got nothing to forget; expected at least one question.")
        if keeps and not job.retain:
            raise UserError(f"Method '{self.name}' got nothing to retain; expected at least one question.")
        pairs = draw_pairs(len(job.forget), len(job.retain) if keeps else 0, self.settings, job.seed)
        pairs, retain = _used(pairs, job.retain)
        with (
            kept_random_state(),
            TemporaryDirectory() as folder,
            trainable(job.loaded.model, self.settings, part_seed(job.seed, "adapters")) as learner,
        ):
            self._train(learner, job, pairs, retain, Path(folder))
        return job.loaded

    def _train(
        self, learner: Any, job: Job, pairs: list[Pair], retain: Sequence[Sample], folder: Path
    ) -> None:
        forget_items = SampleDataset(job.loaded, job.forget)
        retain_items = SampleDataset(job.loaded, retain)
        needs, settings, pad_id = self.needs(), self.settings, job.loaded.encoder.pad_id
        how = (pad_id, settings.batch_size * _REFERENCE_BATCHES, settings.precision)
        collator = PairCollator(
            pad_id,
            answer_log_probs(learner, forget_items, *how) if Need.FORGET_LOG_PROBS in needs else None,
            answer_distributions(learner, retain_items, *how) if Need.RETAIN_DISTRIBUTIONS in needs else None,
        )
        # The pairs hold all epochs one after another.
        once = settings.model_copy(update={"epochs": 1.0, "max_steps": None})
        arguments = training_arguments(once, part_seed(job.seed, "training"), job.loaded.device, folder)
        dataset = PairDataset(pairs, forget_items, retain_items)
        trainer = UnlearningTrainer(learner, dataset, collator, self.loss, settings, arguments, job.progress)
        trainer.train()
        require_finite(job.loaded.model, f"Method '{self.name}'")


def _used(pairs: Sequence[Pair], retain: Sequence[Sample]) -> tuple[list[Pair], list[Sample]]:
    """Keep the retain samples that are drawn, and let the pairs point at those."""
    used = sorted({pair.retain for pair in pairs if pair.retain is not None})
    position = {old: new for new, old in enumerate(used)}
    moved = [Pair(p.forget, None if p.retain is None else position[p.retain]) for p in pairs]
    return moved, [retain[index] for index in used]
