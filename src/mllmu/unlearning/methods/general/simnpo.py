"""Negative preference optimisation without a frozen model: each answer by its mean log-likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import retained, weighted_retain
from mllmu.unlearning.losses import simple_negative_preference
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class SimNPOSettings(UnlearningSettings):
    """Settings of SimNPO.

    Attributes:
        beta: inverse temperature.
        delta: negative log-likelihood per token at which forgetting slows down.
        gamma: weight of forgetting.
        alpha: weight of retaining.
    """

    beta: float = Field(default=4.5, gt=0)
    delta: float = Field(default=0.0, ge=0)
    gamma: float = Field(default=0.125, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class SimNPO(TrainedMethod):
    """-gamma (2/beta) mean log sigmoid(beta (nll(f) - delta)) + alpha CE(r) (arXiv 2410.07163)."""

    name = "simnpo"
    title = "SimNPO"
    description = "negative preference optimisation by mean log-likelihood, without a frozen model"
    source = "arXiv 2410.07163"
    fidelity = "code"
    deviations = "The margin is beta delta, as in the authors' code."
    requires = "retain questions if alpha > 0"
    settings_type = SimNPOSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(1.0, 10.0),
        "gamma": SearchRange(0.03, 1.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: SimNPOSettings

    def needs(self) -> frozenset[Need]:
        """The retain half where it has a weight."""
        return retained(self.settings.alpha)

    def loss(self, step: Step) -> Tensor:
        """SimNPO on the forget half, plus the weighted cross-entropy of the retain half."""
        settings, forget = self.settings, step.forget
        lengths = forget.mask.sum(dim=-1)
        forgetting = simple_negative_preference(
            forget.sample_log_probs, lengths, settings.beta, settings.delta, forget.samples
        )
        return settings.gamma * forgetting + weighted_retain(step, settings.alpha)
