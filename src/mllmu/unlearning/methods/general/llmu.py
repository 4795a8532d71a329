"""Ascent on the answers to forget, random answers in their place, and the frozen model's predictions kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from mllmu.unlearning.loss_terms import divergence
from mllmu.unlearning.losses import gradient_ascent
from mllmu.unlearning.search_space import SearchRange
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class LLMUSettings(UnlearningSettings):
    """Settings of LLMU.

    Attributes:
        gamma: weight of ascent.
        delta: weight of the other answers.
        alpha: weight of the divergence.
    """

    gamma: float = Field(default=1.0, ge=0)
    delta: float = Field(default=1.0, ge=0)
    alpha: float = Field(default=1.0, ge=0)


class LLMU(TrainedMethod):
    """-gamma CE(f) + delta CE(f with a random other answer) + alpha KL(pi0 || pi) on r (arXiv 2310.10683)."""

    name = "llmu"
    title = "LLMU"
    description = (
        "gradient ascent, training on answers about others, and KL divergence on the retain questions"
    )
    source = "arXiv 2310.10683"
    fidelity = "adapted"
    deviations = "The random answers are those about other people to the same kind of question."
    requires = "answers about others; retain questions; the frozen model's predictions"
    settings_type = LLMUSettings
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **TrainedMethod.search_space,
        "alpha": SearchRange(0.3, 10.0),
    }
    settings: LLMUSettings

    def needs(self) -> frozenset[Need]:
        """The answers about others, and the retain half with what the frozen model predicts there."""
        return frozenset({Need.RANDOM_ANSWER, Need.RETAIN, Need.RETAIN_DISTRIBUTIONS})

    def loss(self, step: Step) -> Tensor:
        """The three weighted terms."""
        settings, forget = self.settings, step.forget
        ascent = gradient_ascent(forget.token_log_probs, forget.mask, forget.tokens)
        mismatch = settings.delta * step.random_answer.nll
        return settings.gamma * ascent + mismatch + settings.alpha * divergence(step.retain)
