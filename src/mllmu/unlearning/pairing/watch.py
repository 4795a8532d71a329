"""Looking at a model while it is made to forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllmu.models import LoadedModel


@dataclass(frozen=True)
class Watch:
    """What is done after some passes of an unlearning; methods that do not train never call it.

    Attributes:
        passes: after how many, ascending; those that the training does not reach are left out.
        look: called with the model, in evaluation mode, and the passes done. It must not change the model.
            A training whose state is kept (see ``Upkeep``) keeps it after each look, too.
    """

    passes: tuple[float, ...]
    look: Callable[[LoadedModel, float], None] = field(repr=False)
