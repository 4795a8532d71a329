"""Negative preference optimization: ascent that stops by itself once an answer has become unlikely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import retained, weighted_retain
from mllmu.unlearning.losses import negative_preference
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class NPOSettings(UnlearningSettings):
    """Settings of NPO.

    Attributes:
        beta: inverse temperature; work on multimodal models uses 0.4.
        alpha: weight of retaining; 0 in the paper, 1 is known as GradDiff-NPO.
    """

    beta: float = Field(default=0.1, gt=0)
    alpha: float = Field(default=0.0, ge=0)


class NPO(TrainedMethod):
    """-(2/beta) mean log sigmoid(-beta (logp - logp0)(f)) + alpha CE(r) (arXiv 2404.05868)."""

    name = "npo"
    title = "NPO"
    description = "negative preference optimization against the frozen model"
    source = "arXiv 2404.05868, eq. 3"
    fidelity = "paper"
    requires = "the frozen model's log-probabilities; retain questions if alpha > 0"
    settings_type = NPOSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "beta": SearchRange(0.05, 1.0),
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: NPOSettings

    def needs(self) -> frozenset[Need]:
        """The frozen model's answer log-probabilities, and the retain half where it has a weight."""
        return frozenset({Need.FORGET_LOG_PROBS} | retained(self.settings.alpha))

    def loss(self, step: Step) -> Tensor:
        """NPO on the forget half, plus the weighted cross-entropy of the retain half."""
        settings, forget = self.settings, step.forget
        loss = negative_preference(
            forget.sample_log_probs, forget.reference_log_probs, settings.beta, forget.samples
        )
        return loss + weighted_retain(step, settings.alpha)
