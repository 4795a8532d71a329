"""Selective pruning: silence units that answer for the forget samples and not for others (2403.01267)."""

from __future__ import annotations

import torch
from pydantic import BaseModel, ConfigDict, Field

from mllmu.models import LoadedModel
from mllmu.unlearning import Job, Method, mean_activations


class PruningSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float = Field(default=0.05, gt=0, le=1)


class SelectivePruning(Method):
    """Zeroes the rows of MLP output layers with the largest ratio of mean absolute activations."""

    name = "selective_pruning"
    title = "Pruning"
    description = "silences units that respond to the forget questions most"
    source = "arXiv 2403.01267"
    deviations = "One of the paper's four importances."
    requires = "retain questions"
    settings_type = PruningSettings
    settings: PruningSettings

    def apply(self, job: Job) -> LoadedModel:
        names = _layers(job.loaded)
        forget, retain = (mean_activations(job.loaded, each, names) for each in (job.forget, job.retain))
        with torch.no_grad():
            for name in names:
                ratio = forget[name].mean_absolute / (retain[name].mean_absolute + 1e-9)
                worst = ratio.topk(max(1, int(self.settings.share * len(ratio)))).indices
                job.loaded.model.get_submodule(name).weight[worst] = 0
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        return frozenset(f"{name}.weight" for name in _layers(loaded))


def _layers(loaded: LoadedModel) -> list[str]:
    return [
        name
        for name, _ in loaded.model.named_modules()
        if name.endswith("mlp.down_proj") and "vision" not in name
    ]
