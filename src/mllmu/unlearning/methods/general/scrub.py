"""A student that leaves its teacher, the frozen model, on what to forget and follows it on what to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import divergence
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class SCRUBSettings(UnlearningSettings):
    """Settings of SCRUB.

    Attributes:
        gamma: weight of the divergence on the forget half.
        alpha: weight of the divergence on the retain half.
        beta: weight of the retain half's cross-entropy.
    """

    gamma: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)
    beta: float = Field(default=1.0, ge=0)


class SCRUB(TrainedMethod):
    """By turns -gamma KL(pi0 || pi) on f, and alpha KL(pi0 || pi) + beta CE on r (arXiv 2302.09880)."""

    name = "scrub"
    title = "SCRUB"
    description = (
        "turns of diverging from the frozen model on the forget and staying with it on the retain questions"
    )
    source = "arXiv 2302.09880"
    fidelity = "adapted"
    deviations = (
        "The turns are steps instead of epochs, so that a pass reads half of the forget samples, and nothing "
        "is rewound. At the first step the divergence from the frozen model has no gradient but rounding."
    )
    requires = "retain questions; the frozen model's predictions"
    settings_type = SCRUBSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "gamma": SearchRange(0.1, 10.0),
    }
    settings: SCRUBSettings

    def needs(self) -> frozenset[Need]:
        """Both halves, with what the frozen model predicts there."""
        return frozenset({Need.FORGET_DISTRIBUTIONS, Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})

    def loss(self, step: Step) -> Tensor:
        """Away from the frozen model in every second step from the first, towards it in the others."""
        settings = self.settings
        if step.moment.number % 2 == 0:
            return -settings.gamma * divergence(step.forget)
        return settings.alpha * divergence(step.retain) + settings.beta * step.retain.nll
