"""Visually guided distillation: what the frozen model says of a picture that shows nothing is learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import divergence
from mllmu.unlearning.losses import kl_divergence
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class VGIDSettings(UnlearningSettings):
    """Settings of VGID.

    Attributes:
        gamma: weight of the distillation.
        alpha: weight of retaining.
    """

    gamma: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class VGID(TrainedMethod):
    """gamma KL(pi0(. | noised picture, instruction) || pi(. | picture)) on f + alpha KL(pi0 || pi) on r.

    arXiv 2606.00105. The instruction is to answer as somebody who does not know the person.
    """

    name = "vgid"
    title = "VGID"
    description = "distillation of what the frozen model says of noised pictures when told to know nothing"
    source = "arXiv 2606.00105"
    fidelity = "adapted"
    deviations = "Instruction and noise are ours; by name, the instruction alone makes the teacher ignorant."
    requires = "the frozen model's predictions; retain questions if alpha > 0"
    settings_type = VGIDSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 30.0),
    }
    settings: VGIDSettings

    def needs(self) -> frozenset[Need]:
        """What the frozen model predicts when it is kept ignorant, and on the retain half."""
        retain = {Need.RETAIN_DISTRIBUTIONS} if self.settings.alpha > 0 else set()
        return frozenset({Need.BLIND_DISTRIBUTIONS} | retain)

    def loss(self, step: Step) -> Tensor:
        """The weighted distillations of both halves."""
        settings, forget = self.settings, step.forget
        predicted = forget.answers.all_log_probs()
        every = predicted.new_ones(len(predicted)).bool()
        ignorant = step.blind.reference_distributions
        loss = settings.gamma * kl_divergence(ignorant, predicted, every, forget.tokens)
        return loss + settings.alpha * divergence(step.retain) if settings.alpha > 0 else loss
