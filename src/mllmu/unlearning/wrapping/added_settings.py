"""Settings of methods that train what they add to a model, and nothing of the model itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mllmu.unlearning.unlearning_settings import UnlearningSettings


class AddedSettings(UnlearningSettings):
    """Settings of methods that train what they add.

    Attributes:
        decouple: must be 0, as the model itself does not learn.
        frozen_weights: must be null likewise.
        train_vision: must be false likewise.
        train_projector: must stay as it is, and does nothing.
        sine_projector: must be false, as the projector does not learn.
    """

    decouple: float = Field(default=0.0, ge=0, le=0)
    frozen_weights: None = None
    train_vision: Literal[False] = False
    train_projector: Literal[True] = True
    sine_projector: Literal[False] = False
