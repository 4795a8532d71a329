"""Gradient ascent that leaves tokens alone that are unlikely already, and those that are certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import retained, weighted_retain
from mllmu.unlearning.losses import weighted_ascent
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class SatImpSettings(UnlearningSettings):
    """Settings of SatImp.

    Attributes:
        beta1: exponent of the probability.
        beta2: exponent of its complement.
        gamma: weight of forgetting.
        alpha: weight of retaining.
    """

    beta1: float = Field(default=5.0, ge=0)
    beta2: float = Field(default=1.0, ge=0)
    gamma: float = Field(default=0.1, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class SatImp(TrainedMethod):
    """-gamma mean over f of stopgrad(p^beta1 (1 - p)^beta2) NLL + alpha CE(r) (arXiv 2505.11953)."""

    name = "satimp"
    title = "SatImp"
    description = "gradient ascent that weighs forget tokens by saturation and importance"
    source = "arXiv 2505.11953"
    fidelity = "paper"
    requires = "retain questions if alpha > 0"
    settings_type = SatImpSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "gamma": SearchRange(0.03, 10.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: SatImpSettings

    def needs(self) -> frozenset[Need]:
        """The retain half where it has a weight."""
        return retained(self.settings.alpha)

    def loss(self, step: Step) -> Tensor:
        """Weighted ascent on the forget half, plus the weighted cross-entropy of the retain half."""
        settings, forget = self.settings, step.forget
        forgetting = weighted_ascent(
            forget.token_log_probs, forget.mask, settings.beta1, settings.beta2, forget.tokens
        )
        return settings.gamma * forgetting + weighted_retain(step, settings.alpha)
