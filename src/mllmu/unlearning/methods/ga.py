"""Gradient ascent on what is to be forgotten."""

from __future__ import annotations

from torch import Tensor

from mllmu.unlearning.losses import gradient_ascent
from mllmu.unlearning.step import Step
from mllmu.unlearning.stopping import AscentSettings
from mllmu.unlearning.trained import TrainedMethod


class GradientAscentSettings(AscentSettings):
    """Settings of GA; the defaults are learning rate 2e-5, one epoch, batches of four."""


class GradientAscent(TrainedMethod):
    """-CE(f) (TOFU, arXiv 2401.06121)."""

    name = "ga"
    description = "gradient ascent on the forget questions"
    settings_type = GradientAscentSettings
    settings: GradientAscentSettings

    def loss(self, step: Step) -> Tensor:
        """Minus the cross-entropy of the forget half."""
        forget = step.forget
        return gradient_ascent(forget.token_log_probs, forget.mask, forget.tokens)
