"""Self-distillation: the frozen model's own predictions, with the tokens to forget made less likely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import retained, weighted_retain
from mllmu.unlearning.losses import self_distillation
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class UNDIALSettings(UnlearningSettings):
    """Settings of UNDIAL.

    Attributes:
        beta: by how much the frozen model's logit of each forget token is lowered.
        alpha: weight of retaining; 0 in the paper.
    """

    beta: float = Field(default=10.0, gt=0)
    alpha: float = Field(default=0.0, ge=0)


class UNDIAL(TrainedMethod):
    """CE to softmax(z0 - beta 1_y) on f + alpha CE(r) (arXiv 2402.10052)."""

    name = "undial"
    title = "UNDIAL"
    description = "self-distillation with the forget answers' logits lowered"
    source = "arXiv 2402.10052"
    fidelity = "paper"
    deviations = "The default learning rate is MLLMU-Bench's 2e-5, where the source has 1e-4."
    requires = "the frozen model's predictions; retain questions if alpha > 0"
    settings_type = UNDIALSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(1.0, 30.0),
    }
    settings: UNDIALSettings

    def needs(self) -> frozenset[Need]:
        """What the frozen model predicts on the forget half, and the retain half where it has a weight."""
        return frozenset({Need.FORGET_DISTRIBUTIONS} | retained(self.settings.alpha))

    def loss(self, step: Step) -> Tensor:
        """The distillation of the forget half, plus the weighted cross-entropy of the retain half."""
        settings, forget = self.settings, step.forget
        forgetting = self_distillation(
            forget.answers.all_log_probs(),
            forget.reference_distributions,
            forget.answers.targets,
            settings.beta,
            forget.tokens,
        )
        return forgetting + weighted_retain(step, settings.alpha)
