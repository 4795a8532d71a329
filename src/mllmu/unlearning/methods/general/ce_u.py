"""What the model predicts with the true token left out is what it is to predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from mllmu.unlearning.losses import others_cross_entropy
from mllmu.unlearning.trained_method import TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class CEUSettings(UnlearningSettings):
    """Settings of CE-U.

    Attributes:
        skipped: how many of the first tokens that are read of an answer are left out; an answer of which one
            token is read is then left alone.
    """

    skipped: int = Field(default=1, ge=0, le=1)


class CEU(TrainedMethod):
    """CE to stopgrad(softmax(z with z_y = -inf)) on f (arXiv 2503.01224)."""

    name = "ce_u"
    title = "CE-U"
    description = "cross-entropy to the model's own predictions without the true tokens"
    source = "arXiv 2503.01224"
    fidelity = "paper"
    deviations = (
        "Where forget_tokens is not 'answer', the first token that is read is not the answer's first."
    )
    settings_type = CEUSettings
    settings: CEUSettings

    def loss(self, step: Step) -> Tensor:
        """The cross-entropy to the predictions without the true tokens."""
        skipped, forget = self.settings.skipped, step.forget
        numbers = forget.mask.cumsum(dim=-1)[forget.mask]
        tokens = max(1, forget.tokens - skipped * forget.samples)
        answers = forget.answers
        return others_cross_entropy(answers.logits, answers.targets, numbers > skipped, tokens)
