"""SalUn: learns refusals with the weights alone that matter most for what is to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.models import LoadedModel
    from mllmu.training.memory_estimate import HeldWeights
    from mllmu.unlearning.method import Job
    from mllmu.unlearning.pairing.pair_trainer import Prepared
    from mllmu.unlearning.pairing.step import Step


class SalUnSettings(UnlearningSettings):
    """Settings of SalUn.

    Attributes:
        share: of the weights, ranked over all parameters together, that learn; 1 is training without a mask.
        alpha: weight of retaining.
        saliency_batch: questions in each batch whose gradients are summed.
    """

    share: float = Field(default=0.5, gt=0, le=1)
    alpha: float = Field(default=1.0, ge=0)
    saliency_batch: int = Field(default=4, ge=1)


class SalUn(TrainedMethod):
    """CE(refusals on f) + alpha CE(r) on the weights with the largest |sum over batches of grad CE(f)|.

    The gradients are taken before the first step, in evaluation mode (arXiv 2310.12508; its code takes steps
    of ascent between them). Of fresh adapters these are weights of B: A has no gradient as long as B is zero,
    and stays as it is.
    """

    name = "salun"
    title = "SalUn"
    description = "refusals learned by the weights alone that matter most for what is to be forgotten"
    kind = "procedure"
    source = "arXiv 2310.12508"
    fidelity = "adapted"
    deviations = (
        "Refusals stand for the random labels of classification; saliency is taken in evaluation mode and "
        "without the steps of ascent that the code takes on the way; with LoRA, of the adapters only B is "
        "ranked and learns, and the projector as without adapters."
    )
    requires = "retain questions"
    settings_type = SalUnSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: SalUnSettings

    def needs(self) -> frozenset[Need]:
        """The forget questions with refusals, and the retain half."""
        return frozenset({Need.REFUSAL, Need.RETAIN})

    def loss(self, step: Step) -> Tensor:
        """The cross-entropies of refusals and of the retain half."""
        return step.refusal.nll + self.settings.alpha * step.retain.nll

    def prepare(self, job: Job, learner: Any) -> Prepared:
        """Choose the weights that learn."""
        from mllmu.training import SampleDataset
        from mllmu.unlearning.forget_tokens import token_choice
        from mllmu.unlearning.pairing.pair_trainer import Prepared
        from mllmu.unlearning.weights.masked_training import MaskedUpdates
        from mllmu.unlearning.weights.saliency import gradient_sums
        from mllmu.unlearning.weights.weight_masks import top_share

        settings = self.settings
        items = SampleDataset(job.loaded, job.forget, token_choice(settings.forget_tokens))
        how = (settings.saliency_batch, settings.precision, job.progress)
        saliency = gradient_sums(learner, items, job.loaded.encoder.pad_id, *how)
        return Prepared(self.loss, [MaskedUpdates(learner, top_share(saliency, settings.share))])

    def holds(self, loaded: LoadedModel) -> HeldWeights:
        """The masks, and where the weights were that stay."""
        more = super().holds(loaded)
        return replace(more, per_learned=more.per_learned + 1.0)
