"""What can be set about looking at models while they are made to forget."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, field_validator

from mllmu.training.settings_base import Settings

_Passes = Annotated[float, Field(gt=0, le=1000)]


class TrajectorySettings(Settings):
    """After which passes of an unlearning a model is asked, and what.

    The last state of a model is not looked at on the way, but asked like any other; so passes that its
    unlearning does not reach are left out.

    Attributes:
        passes: over the forget questions, in ascending order.
        people: how many of each set (forget, test, retain, celebrity) are asked about.
        questions: how many are asked about each of them in each modality and task.
    """

    model_config = ConfigDict(validate_assignment=True)

    passes: list[_Passes] = Field(default=[1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0], min_length=1)
    people: int = Field(default=10, ge=2)
    questions: int = Field(default=1, ge=1)

    @field_validator("passes")
    @classmethod
    def _in_order(cls, passes: list[float]) -> list[float]:
        return sorted(set(passes))
