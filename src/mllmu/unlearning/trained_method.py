"""Methods that forget by training: a loss, and what it has to be given."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from mllmu.errors import UserError
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.need import Need
from mllmu.unlearning.search_space import SearchRange

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.unlearning.step import Step
    from mllmu.unlearning.unlearning_settings import UnlearningSettings


class TrainedMethod(Method):
    """A method that is a loss over a forget half and a retain half.

    Attributes:
        search_space: which of its settings ``mllmu tune`` chooses, and where.

    Example:
        Gradient ascent is one line::

            def loss(self, step: Step) -> Tensor:
                return -step.forget.nll
    """

    search_space: ClassVar[Mapping[str, SearchRange]] = {"learning_rate": SearchRange(3e-5, 3e-3)}

    settings: UnlearningSettings

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
        from mllmu.unlearning.pair_training import train_on_pairs

        needs = self.needs()
        reads_retain = not needs.isdisjoint({Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})
        if not job.forget:
            raise UserError(f"Method '{self.name}' got nothing to forget; expected at least one question.")
        if reads_retain and not job.retain:
            raise UserError(f"Method '{self.name}' got nothing to retain; expected at least one question.")
        train_on_pairs(job, self.settings, needs, self.loss, f"Method '{self.name}'")
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """The decoder (its linear layers alone with LoRA), and those of the other parts that are to learn."""
        from mllmu.training.trainability import learned_parameters

        return learned_parameters(loaded.model, self.settings)
