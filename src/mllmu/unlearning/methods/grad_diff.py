"""Ascent on what is to be forgotten together with descent on what is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.losses import gradient_difference
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class GradDiffSettings(UnlearningSettings):
    """Settings of GradDiff.

    Attributes:
        gamma: weight of forgetting.
        alpha: weight of retaining.
    """

    gamma: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class GradDiff(TrainedMethod):
    """-gamma CE(f) + alpha CE(r), joint in every step (TOFU, arXiv 2401.06121)."""

    name = "grad_diff"
    title = "Grad. Diff."
    description = "gradient ascent on the forget questions and descent on the retain questions"
    source = "arXiv 2401.06121, section 4"
    fidelity = "paper"
    requires = "retain questions"
    settings_type = GradDiffSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: GradDiffSettings

    def needs(self) -> frozenset[Need]:
        """The retain half."""
        return frozenset({Need.RETAIN})

    def loss(self, step: Step) -> Tensor:
        """The weighted difference of the halves' cross-entropies."""
        settings = self.settings
        return gradient_difference(step.forget.nll, step.retain.nll, settings.gamma, settings.alpha)
