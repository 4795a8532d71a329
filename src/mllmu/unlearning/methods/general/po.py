"""Refusals are learned in place of the answers to forget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class PreferenceOptimisationSettings(UnlearningSettings):
    """Settings of PO.

    Attributes:
        alpha: weight of retaining.
        forget_tokens: must be "answer", as refusals are read whole.
    """

    alpha: float = Field(default=1.0, ge=0)
    forget_tokens: Literal["answer"] = "answer"


class PreferenceOptimisation(TrainedMethod):
    """CE(f with a refusal as answer) + alpha CE(r) (TOFU, arXiv 2401.06121, section 4)."""

    name = "po"
    title = "PO"
    description = "training on refusals to the forget questions and on the retain questions"
    source = "arXiv 2401.06121, section 4"
    fidelity = "paper"
    deviations = "Refusals are sentences of our own."
    requires = "refusals; retain questions"
    settings_type = PreferenceOptimisationSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: PreferenceOptimisationSettings

    def needs(self) -> frozenset[Need]:
        """The refusals and the retain half."""
        return frozenset({Need.REFUSAL, Need.RETAIN})

    def loss(self, step: Step) -> Tensor:
        """The refusals' cross-entropy, plus the weighted one of the retain half."""
        return step.refusal.nll + self.settings.alpha * step.retain.nll
