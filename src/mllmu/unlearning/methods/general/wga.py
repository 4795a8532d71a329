"""Gradient ascent that leaves tokens alone that are unlikely already."""

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


class WGASettings(UnlearningSettings):
    """Settings of WGA.

    Attributes:
        beta: exponent of the probability; with 0 it is GradDiff.
        alpha: weight of retaining.
    """

    beta: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class WGA(TrainedMethod):
    """Minus the mean over f of stopgrad(p_t)^beta NLL_t + alpha CE(r) (arXiv 2502.19301)."""

    name = "wga"
    title = "WGA"
    description = "gradient ascent that weighs forget tokens by their probability"
    source = "arXiv 2502.19301"
    fidelity = "paper"
    deviations = "The default learning rate is MLLMU-Bench's 2e-5, where the source has 1e-5."
    requires = "retain questions if alpha > 0"
    settings_type = WGASettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(0.1, 5.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: WGASettings

    def needs(self) -> frozenset[Need]:
        """The retain half where it has a weight."""
        return retained(self.settings.alpha)

    def loss(self, step: Step) -> Tensor:
        """Weighted ascent on the forget half, plus the weighted cross-entropy of the retain half."""
        settings, forget = self.settings, step.forget
        forgetting = weighted_ascent(forget.token_log_probs, forget.mask, settings.beta, tokens=forget.tokens)
        return forgetting + weighted_retain(step, settings.alpha)
