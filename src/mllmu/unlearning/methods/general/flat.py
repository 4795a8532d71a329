"""An f-divergence between answers to give and answers to forget is made large; nothing is retained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.unlearning.loss_terms import mean_probability
from mllmu.unlearning.losses import total_variation_contrast
from mllmu.unlearning.trained_method import Need, TrainedMethod
from mllmu.unlearning.unlearning_settings import UnlearningSettings

if TYPE_CHECKING:
    from torch import Tensor

    from mllmu.unlearning.pairing.step import Step


class FLATSettings(UnlearningSettings):
    """Settings of FLAT, which reads no retain half."""


class FLAT(TrainedMethod):
    """Mean of [tanh(P(y_f)) - tanh(P(y_alternative))] / 2 (arXiv 2410.11143).

    P is the mean probability of an answer's tokens; the f-divergence is total variation, the paper's default.
    """

    name = "flat"
    title = "FLAT"
    description = "an f-divergence between plausible wrong answers and the forget answers, made large"
    source = "arXiv 2410.11143"
    fidelity = "adapted"
    deviations = "The answers to give are the benchmark's own wrong options."
    requires = "wrong options or attributes"
    settings_type = FLATSettings
    settings: FLATSettings

    def needs(self) -> frozenset[Need]:
        """The alternative answers."""
        return frozenset({Need.ALTERNATIVE})

    def loss(self, step: Step) -> Tensor:
        """The contrast of total variation."""
        good, bad = (mean_probability(half) for half in (step.alternative, step.forget))
        return total_variation_contrast(good, bad, step.forget.samples)
