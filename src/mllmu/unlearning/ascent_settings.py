"""What can be set about methods that ascend: gradient ascent has no minimum of its own."""

from __future__ import annotations

from pydantic import Field

from mllmu.training import OptimizationSettings


class AscentSettings(OptimizationSettings):
    """Settings of methods that ascend on the forget questions.

    Attributes:
        stop_nll: mean negative log-likelihood per answer token of the forget questions, in nats, at which the
            training ends before its last step; null trains to the end. A sensible value is what the model has
            on people it has never met.
    """

    stop_nll: float | None = Field(default=None, gt=0)
