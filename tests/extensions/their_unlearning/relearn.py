"""Relearning: does a little of what was forgotten bring back the rest? (arXiv 2406.13356)."""

from __future__ import annotations

from pydantic import Field

from mllmu.models import LoadedModel
from mllmu.training import TrainingSettings, fine_tune
from mllmu.unlearning import FurtherStep, Job


class RelearnSettings(TrainingSettings):
    samples: int = Field(default=2, ge=1)


class Relearn(FurtherStep):
    name = "relearn"
    title = "relearned"
    description = "fine-tunes on a few of the forget questions"
    settings_type = RelearnSettings
    settings: RelearnSettings

    def apply(self, job: Job) -> LoadedModel:
        few = list(job.forget[: self.settings.samples])
        return fine_tune(job.loaded, few, self.settings, job.seed, job.progress, upkeep=job.upkeep)
