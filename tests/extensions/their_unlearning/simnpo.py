"""SimNPO: NPO without a reference model, normalised by the length of the answer (arXiv 2410.07163)."""

from __future__ import annotations

import torch
from pydantic import Field

from mllmu.unlearning import Need, Step, TrainedMethod, UnlearningSettings


class SimNPOSettings(UnlearningSettings):
    beta: float = Field(default=4.5, gt=0)
    delta: float = 0.0
    gamma: float = 0.125
    alpha: float = 1.0


class SimNPO(TrainedMethod):
    """-gamma (2/beta) mean log sigmoid(beta (nll(f) - delta)) + alpha CE(r)."""

    name = "their_simnpo"
    title = "SimNPO"
    description = "negative preference optimization without a reference model"
    source = "arXiv 2410.07163"
    fidelity = "paper"
    requires = "retain questions"
    settings_type = SimNPOSettings
    settings: SimNPOSettings

    def needs(self) -> frozenset[Need]:
        return frozenset({Need.RETAIN})

    def loss(self, step: Step) -> torch.Tensor:
        settings, forget = self.settings, step.forget
        nll = -forget.sample_log_probs / forget.mask.sum(dim=1)
        preference = torch.nn.functional.logsigmoid(settings.beta * (nll - settings.delta)).sum()
        forgetting = -2 / settings.beta * preference / forget.samples
        return settings.gamma * forgetting + settings.alpha * step.retain.nll
