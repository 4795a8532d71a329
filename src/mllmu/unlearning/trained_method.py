"""Methods that forget by training: a loss, and what it has to be given."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job, Kind, Method
from mllmu.unlearning.need import Half, Need, halves_of
from mllmu.unlearning.search_space import SearchRange

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.pairing.pair_trainer import Loss, Prepared
    from mllmu.unlearning.pairing.pair_training import Learns
    from mllmu.unlearning.pairing.step import Step
    from mllmu.unlearning.unlearning_settings import UnlearningSettings


class TrainedMethod(Method):
    """A method that is a loss over a forget half and a retain half.

    Example:
        Gradient ascent is one line::

            def loss(self, step: Step) -> Tensor:
                return -step.forget.nll
    """

    kind: ClassVar[Kind] = "loss"
    search_space: ClassVar[Mapping[str, SearchRange]] = {"learning_rate": SearchRange(3e-5, 3e-3)}

    settings: UnlearningSettings

    @abstractmethod
    def loss(self, step: Step) -> Tensor:
        """What to minimise; means must be taken with ``step.forget.tokens`` and the like."""

    def needs(self) -> frozenset[Need]:
        """What the loss reads besides the forget half, with these settings."""
        return frozenset()

    def state_layer(self, layers: int) -> int:
        """Which decoder layer ``Side.states`` are read of, from 0, of so many; the last one by default."""
        return layers - 1

    def apply(self, job: Job) -> LoadedModel:
        """Train the model in place.

        Raises:
            UserError: if the loss would read no token, or the training diverges.
        """
        from mllmu.unlearning.pairing.pair_training import train_on_pairs

        self.require_readable(job)

        def prepare(learner: Any) -> Prepared:
            prepared = self.prepare(job, learner)
            return replace(prepared, loss=self._with_options(prepared.loss))

        title = f"Method '{self.name}'"
        learns = self.learns(job.loaded)
        train_on_pairs(job, self.settings, self._all_needs(), prepare, title, self.state_layer, learns)
        return job.loaded

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request of which some half that the loss reads cannot be made."""
        from mllmu.unlearning.halves.half_samples import require_half

        self.require_questions(request, "forget")
        for half in halves_of(self._all_needs()):
            if half is Half.RETAIN:
                self.require_questions(request, "retain")
            require_half(half, request)

    def _all_needs(self) -> frozenset[Need]:
        decoupled = frozenset({Need.OTHER_PERSON}) if self.settings.decouple > 0 else frozenset()
        return self.needs() | decoupled

    def learns(self, loaded: LoadedModel) -> Learns:
        """What lets weights learn; by default all that the settings name."""
        from mllmu.training.trainability import trainable

        return trainable

    def require_readable(self, job: Job) -> None:
        """Refuse samples of which the loss would read nothing; for methods that leave out tokens themselves.

        Raises:
            UserError: if nothing is left to read.
        """

    def prepare(self, job: Job, learner: Any) -> Prepared:
        """What is read off the model before its first step; methods that choose weights override it.

        Args:
            job: what the training is for.
            learner: the model as it is to be trained, adapters included.

        Raises:
            UserError: if nothing is chosen.
        """
        from mllmu.unlearning.pairing.pair_trainer import Prepared

        return Prepared(self.loss)

    def _with_options(self, loss: Loss) -> Loss:
        """A loss with what the settings add to any."""
        weight = self.settings.decouple
        return loss if weight == 0 else lambda step: loss(step) + weight * step.other_person.nll

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """The decoder (its linear layers alone with LoRA), and those of the other parts that are to learn."""
        from mllmu.unlearning.weights.trained_parameters import trained_parameters

        return trained_parameters(loaded.model, self.settings)

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """With ``l1``, where the weights were; what adapters change, as whole matrices."""
        from mllmu.training.memory_estimate import HeldWeights

        if self.settings.l1 == 0:
            return HeldWeights()
        if self.settings.lora is None:
            return HeldWeights(per_learned=1.0)
        return HeldWeights(beside=1.25 * self.changed_weights(loaded))
