"""Ascent on what is to be forgotten, held to the frozen model's predictions on what is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import divergence
from mllmu.unlearning.losses import gradient_ascent
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class KLMinSettings(UnlearningSettings):
    """Settings of KL-Min.

    Attributes:
        alpha: weight of the divergence.
    """

    alpha: float = Field(default=1.0, ge=0)


class KLMin(TrainedMethod):
    """-CE(f) + alpha KL(pi0 || pi) on r (TOFU, arXiv 2401.06121)."""

    name = "kl_min"
    title = "KL Min."
    description = (
        "gradient ascent on the forget questions, KL divergence to the frozen model on the retain ones"
    )
    source = "arXiv 2401.06121, section 4"
    fidelity = "paper"
    deviations = "The divergence is a mean over answer tokens; the paper does not say over which."
    requires = "retain questions; the frozen model's predictions"
    settings_type = KLMinSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 30.0),
    }
    settings: KLMinSettings

    def needs(self) -> frozenset[Need]:
        """The retain half and what the frozen model predicts there."""
        return frozenset({Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})

    def loss(self, step: Step) -> Tensor:
        """Minus the forget half's cross-entropy, plus the weighted divergence of the retain half."""
        # The retain half first: the order decides which dropout each half's adapters draw.
        diverged, forget = divergence(step.retain), step.forget
        ascent = gradient_ascent(forget.token_log_probs, forget.mask, forget.tokens)
        return ascent + self.settings.alpha * diverged
