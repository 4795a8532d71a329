"""Further training on what is to be kept, and nothing else: forgetting by neglect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class RetainFineTuneSettings(UnlearningSettings):
    """Settings of Retain FT.

    Attributes:
        forget_tokens: must be "answer", as no forget answer is read.
    """

    forget_tokens: Literal["answer"] = "answer"


class RetainFineTune(TrainedMethod):
    """CE(r): what every other method has to do better than."""

    name = "retain_ft"
    title = "Retain FT"
    description = "further training on the retain questions alone"
    source = "the retain term of arXiv 2401.06121"
    fidelity = "adapted"
    deviations = "It was published as a term of other losses, not as a method."
    requires = "retain questions"
    settings_type = RetainFineTuneSettings
    settings: RetainFineTuneSettings

    def needs(self) -> frozenset[Need]:
        """The retain half."""
        return frozenset({Need.RETAIN})

    def loss(self, step: Step) -> Tensor:
        """The retain half's cross-entropy."""
        return step.retain.nll
