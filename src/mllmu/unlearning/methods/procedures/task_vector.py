"""Task vector: learn what is to be forgotten still better, and go the other way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.method import Job, Method
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights


class TaskVectorSettings(UnlearningSettings):
    """Settings of the task vector; those of training are of the fine-tuning on the forget questions.

    Attributes:
        scale: lambda, how far to go the other way; 0 leaves the model as it is.
        decouple: must be 0, as what is learned is taken away.
    """

    scale: float = Field(default=1.0, ge=0)
    decouple: float = Field(default=0.0, ge=0, le=0)


class TaskVector(Method):
    """theta0 - lambda (theta_ft(f) - theta0) (task arithmetic by negation, arXiv 2212.04089)."""

    name = "task_vector"
    title = "Task vector"
    description = "subtracts from the weights what fine-tuning on the forget questions adds"
    kind = "procedure"
    source = "arXiv 2212.04089"
    fidelity = "paper"
    settings_type = TaskVectorSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(3e-5, 3e-3),
        "passes": SearchRange(2.0, 14.0),
        "scale": SearchRange(0.3, 10.0),
    }
    settings: TaskVectorSettings

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without questions to forget."""
        self.require_questions(request, "forget")

    def apply(self, job: Job) -> LoadedModel:
        """Fine-tune on the forget half, then subtract the difference, in place.

        Raises:
            UserError: if there is nothing to forget, or the fine-tuning diverges.
        """
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.pairing.pair_training import train_on_pairs
        from mllmu.unlearning.weights.weight_differences import difference_from, float32_weights, set_weights

        what, model = f"Method '{self.name}'", job.loaded.model
        with float32_weights(model, self.changes(job.loaded)) as start:
            # Unwatched: on the way, the model knows more than before.
            unwatched, cross_entropy = replace(job, watch=None), Prepared(lambda step: step.forget.nll)
            train_on_pairs(unwatched, self.settings, frozenset(), lambda learner: cross_entropy, what)
            set_weights(model, start, difference_from(model, start), -self.settings.scale)
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """What the fine-tuning teaches."""
        from mllmu.unlearning.weights.trained_parameters import trained_parameters

        return trained_parameters(loaded.model, self.settings)

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """Where the weights were; at the end, what adapters changed as whole matrices."""
        from mllmu.unlearning.weights.weight_differences import held_differences

        return held_differences(self.changed_weights(loaded), 1, self.settings.lora is not None)
