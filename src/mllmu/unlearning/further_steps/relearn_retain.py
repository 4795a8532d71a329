"""Relearning on unrelated people: does training on those who were kept bring the others back?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllmu.errors import UserError
from mllmu.training import TrainingSettings
from mllmu.unlearning.method import FurtherStep, Job

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


class RelearnRetain(FurtherStep):
    """Fine-tunes on questions about the people to retain (benign relearning, arXiv 2406.13356)."""

    name = "relearn_retain"
    title = "relearned on retained people"
    description = "fine-tunes on the questions about the people to retain"
    settings_type = TrainingSettings
    settings: TrainingSettings

    def apply(self, job: Job) -> LoadedModel:
        """Fine-tune, in place.

        Raises:
            UserError: if nobody is retained, there is something to rehearse, or the training diverges.
        """
        from mllmu.training import fine_tune

        # Where facts are forgotten, other facts of the same people are retained.
        forgotten = {sample.profile_id for sample in job.forget}
        retain = [sample for sample in job.retain if sample.profile_id not in forgotten]
        if not retain:
            raise UserError(f"Further step '{self.name}' got nobody to retain; expected at least one person.")
        return fine_tune(job.loaded, retain, self.settings, job.seed, job.progress, upkeep=job.upkeep)

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """What the fine-tuning teaches."""
        from mllmu.training.trainability import learned_parameters

        return learned_parameters(loaded.model, self.settings)
