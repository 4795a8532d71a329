"""Looking at a model while it is made to forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


@dataclass(frozen=True)
class Watch:
    """What is done after some passes of an unlearning; methods that do not train never call it.

    Attributes:
        passes: after how many, ascending; those that the training does not reach are left out.
        look: called with the model, in evaluation mode, and the passes done. It must not change the model.
        state_folder: where the training's state is kept after each look, so that a training that was killed
            goes on from there; None to keep none.
    """

    passes: tuple[float, ...]
    look: Callable[[LoadedModel, float], None] = field(repr=False)
    state_folder: Path | None = None
