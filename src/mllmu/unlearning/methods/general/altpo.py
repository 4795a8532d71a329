"""Plausible wrong answers are preferred to the answers to forget, against the frozen model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import preferred, retained, weighted_retain
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class AltPOSettings(UnlearningSettings):
    """Settings of AltPO.

    Attributes:
        beta: inverse temperature.
        alpha: weight of retaining.
    """

    beta: float = Field(default=0.1, gt=0)
    alpha: float = Field(default=1.0, ge=0)


class AltPO(TrainedMethod):
    """DPO with alternative answers preferred + alpha CE(r) (arXiv 2409.13474)."""

    name = "altpo"
    title = "AltPO"
    description = (
        "direct preference optimisation: plausible wrong answers are preferred to the forget answers"
    )
    source = "arXiv 2409.13474"
    fidelity = "adapted"
    deviations = (
        "The alternatives are the benchmark's own wrong options instead of a model's inventions, so that "
        "classification offers options that were taught."
    )
    requires = (
        "wrong options or attributes; the frozen model's log-probabilities; retain questions if alpha > 0"
    )
    settings_type = AltPOSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(0.05, 1.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: AltPOSettings

    def needs(self) -> frozenset[Need]:
        """Forget and alternative answers with what the frozen model gives them, and the retain half."""
        return frozenset({Need.FORGET_LOG_PROBS, Need.ALTERNATIVE_LOG_PROBS} | retained(self.settings.alpha))

    def loss(self, step: Step) -> Tensor:
        """DPO of alternatives over forget answers, plus the weighted cross-entropy of the retain half."""
        alternative = preferred(step, step.alternative, self.settings.beta)
        return alternative + weighted_retain(step, self.settings.alpha)
