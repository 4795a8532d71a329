"""MMUnlearner: ascent on the weights alone that matter more for what is to be forgotten than for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from mllmu.unlearning.forget_request import ForgetRequest
from mllmu.unlearning.losses import gradient_difference
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training import Sample
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.method import Job
    from mllmu.unlearning.pairing.pair_trainer import Prepared
    from mllmu.unlearning.pairing.step import Step
    from mllmu.unlearning.weights.saliency import Saliency
    from mllmu.unlearning.weights.weight_masks import WeightMasks


class MMUnlearnerSettings(UnlearningSettings):
    """Settings of MMUnlearner.

    Attributes:
        threshold: tau, how much more a weight must matter for what is to be forgotten.
        gamma: weight of forgetting.
        alpha: weight of retaining.
        saliency_batch: questions in each batch whose squared gradients are averaged.
    """

    threshold: float = Field(default=1.0, gt=0)
    gamma: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)
    saliency_batch: int = Field(default=4, ge=1)


class MMUnlearner(TrainedMethod):
    """gamma m grad(-CE(f)) + alpha grad(CE(r)), m = 1[F_f / F_p >= tau] (arXiv 2502.11051).

    F are mean squared gradients before the first step; f is to be forgotten, p to be kept. Kept are for the
    weights of vision tower and projector the retain questions with a picture; for all others the retain
    questions with a picture and by name, and, where they are not to be forgotten themselves, the forget
    people's questions by name. A weight of which both are zero is not selected, and unselected weights take
    no part in the ascent.
    """

    name = "mmunlearner"
    title = "MMUnlearner"
    description = "ascent on weights that matter more for what is to be forgotten than for the rest"
    kind = "procedure"
    source = "arXiv 2502.11051"
    fidelity = "paper"
    deviations = (
        "The step is joint, as in the paper (the code alternates); a weight without any saliency is not "
        "selected (in the code it is); the vision tower learns only if train_vision is set; with LoRA, of "
        "the adapters only B is selected, as A has no gradient at first, and the projector as without "
        "adapters; F_f is read on forget_tokens, F_p on whole answers."
    )
    requires = "retain questions; names of those to forget and to retain"
    settings_type = MMUnlearnerSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: MMUnlearnerSettings

    def needs(self) -> frozenset[Need]:
        """The retain half."""
        return frozenset({Need.RETAIN})

    def loss(self, step: Step) -> Tensor:
        """The weighted difference of the halves' cross-entropies, as it is without masks."""
        settings = self.settings
        return gradient_difference(step.forget.nll, step.retain.nll, settings.gamma, settings.alpha)

    def require(self, request: ForgetRequest) -> None:
        """Refuse a request without retain questions, or about people without names."""
        super().require(request)
        request.both_forms()

    def prepare(self, job: Job, learner: Any) -> Prepared:
        """Choose the weights that take part in the ascent."""
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.weights.masked_training import with_masked_gradient

        masks, parameters = self._masks(job, learner), dict(learner.named_parameters())

        def masked_loss(step: Step) -> Tensor:
            forget_nll = with_masked_gradient(step.forget.nll, parameters, masks)
            return gradient_difference(forget_nll, step.retain.nll, self.settings.gamma, self.settings.alpha)

        return Prepared(masked_loss)

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """The masks, and in each step the gradients of the forget half, as they are and masked."""
        more = super().holds(loaded)
        return replace(more, per_learned=more.per_learned + 2.25)

    def _masks(self, job: Job, learner: Any) -> WeightMasks:
        from mllmu.training import SampleDataset
        from mllmu.unlearning.forget_tokens import token_choice
        from mllmu.unlearning.weights.kept_saliency import by_sight_where_seen, kept_saliency
        from mllmu.unlearning.weights.saliency import squared_gradient_means
        from mllmu.unlearning.weights.weight_masks import ratio_at_least

        settings = self.settings
        how = (settings.saliency_batch, settings.precision)

        def saliency(samples: Sequence[Sample]) -> Saliency:
            items = SampleDataset(job.loaded, samples, token_choice(settings.forget_tokens))
            return squared_gradient_means(learner, items, job.loaded.encoder.pad_id, *how, job.progress)

        forget = by_sight_where_seen(job, learner, saliency, job.forget, job.forget)
        return ratio_at_least(forget, kept_saliency(job, learner, *how), settings.threshold)
