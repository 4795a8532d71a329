"""Refusals are preferred to the answers to forget, against the frozen model."""

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


class DPOSettings(UnlearningSettings):
    """Settings of DPO.

    Attributes:
        beta: inverse temperature.
        alpha: weight of retaining.
    """

    beta: float = Field(default=0.1, gt=0)
    alpha: float = Field(default=1.0, ge=0)


class DPO(TrainedMethod):
    """-(2/beta) mean log sigmoid(beta [d(refusal) - d(y_f)]) + alpha CE(r), d = logp - logp0.

    arXiv 2305.18290, eq. 7, with refusals preferred as in TOFU (arXiv 2401.06121).
    """

    name = "dpo"
    title = "DPO"
    description = "direct preference optimisation: refusals are preferred to the forget answers"
    source = "arXiv 2305.18290, eq. 7"
    fidelity = "adapted"
    deviations = "Refusals are sentences of our own; the factor 2/beta is that of NPO's authors."
    requires = "refusals; the frozen model's log-probabilities; retain questions if alpha > 0"
    settings_type = DPOSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(0.05, 1.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: DPOSettings

    def needs(self) -> frozenset[Need]:
        """The forget answers and the refusals with what the frozen model gives them, and the retain half."""
        return frozenset({Need.FORGET_LOG_PROBS, Need.REFUSAL_LOG_PROBS} | retained(self.settings.alpha))

    def loss(self, step: Step) -> Tensor:
        """DPO of refusals over forget answers, plus the weighted cross-entropy of the retain half."""
        return preferred(step, step.refusal, self.settings.beta) + weighted_retain(step, self.settings.alpha)
