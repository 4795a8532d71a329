"""Task arithmetic: learn what is to be forgotten still better, and go the other way (arXiv 2212.04089)."""

from __future__ import annotations

import torch
from pydantic import Field

from mllmu.models import LoadedModel
from mllmu.training import TrainingSettings, fine_tune
from mllmu.unlearning import Job, Method


class TaskArithmeticSettings(TrainingSettings):
    scale: float = Field(default=1.0, gt=0)


class TaskArithmetic(Method):
    """theta - scale (theta_f - theta), with theta_f fine-tuned on the forget samples."""

    name = "task_arithmetic"
    title = "Task arithmetic"
    description = "subtracts what fine-tuning on the forget questions adds"
    source = "arXiv 2212.04089"
    fidelity = "paper"
    settings_type = TaskArithmeticSettings
    settings: TaskArithmeticSettings

    def apply(self, job: Job) -> LoadedModel:
        before = {name: tensor.clone() for name, tensor in job.loaded.model.named_parameters()}
        tuned = fine_tune(
            job.loaded, list(job.forget), self.settings, job.seed, job.progress, upkeep=job.upkeep
        )
        with torch.no_grad():
            for name, parameter in tuned.model.named_parameters():
                parameter.copy_(before[name] - self.settings.scale * (parameter - before[name]))
        return tuned
