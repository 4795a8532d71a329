"""Quantisation to 8 bits: does coarser storage bring back what was forgotten?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mllmu.training.settings_base import NoSettings
from mllmu.unlearning.method import FurtherStep, Job

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


class Int8(FurtherStep):
    """Rounds the weights of linear layers to `bits` bits (weight-only quantisation, arXiv 2410.16454)."""

    name = "int8"
    title = "8-bit weights"
    description = "rounds the weights of linear layers to 8 bits, in groups of 128"
    settings_type = NoSettings
    bits: ClassVar[int] = 8

    def apply(self, job: Job) -> LoadedModel:
        """Round, in place."""
        from mllmu.unlearning.weights.rounding import round_weights

        # What unlearned may be in the wrappers alone.
        beside = [weight for wrapper in job.loaded.wrappers for weight in wrapper.linear_weights()]
        round_weights(job.loaded.model, self.bits, beside)
        return job.loaded

    def changes(self, loaded: LoadedModel) -> frozenset[str]:
        """The weights of linear layers but the output head."""
        from mllmu.unlearning.weights.rounding import rounded_weights

        return rounded_weights(loaded.model)
