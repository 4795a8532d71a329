"""Gradient ascent on what is to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.unlearning.losses import gradient_ascent
from mllmu.unlearning.trained_method import TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class GradientAscentSettings(UnlearningSettings):
    """Settings of GA; the learning rate of 2e-5 and batches of four are the original benchmark's."""


class GradientAscent(TrainedMethod):
    """-CE(f) (TOFU, arXiv 2401.06121)."""

    name = "ga"
    title = "GA"
    description = "gradient ascent on the forget questions"
    source = "arXiv 2401.06121, section 4"
    fidelity = "paper"
    settings_type = GradientAscentSettings
    settings: GradientAscentSettings

    def loss(self, step: Step) -> Tensor:
        """Minus the cross-entropy of the forget half."""
        forget = step.forget
        return gradient_ascent(forget.token_log_probs, forget.mask, forget.tokens)
