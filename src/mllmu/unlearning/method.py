"""What every way of forgetting offers, be it trained, pruned or prompted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel

from mllmu.models import LoadedModel
from mllmu.progress import Progress
from mllmu.training import Sample


@dataclass(frozen=True)
class Job:
    """One thing to forget.

    Attributes:
        loaded: the model that knows it; its weights may change.
        forget: what to forget.
        retain: what to keep; methods that need no such samples ignore it.
        seed: fixes every draw.
        progress: called with the steps done and the steps there are.
    """

    loaded: LoadedModel
    forget: Sequence[Sample]
    retain: Sequence[Sample]
    seed: int
    progress: Progress | None = None


class Method(ABC):
    """A way of forgetting.

    Attributes:
        name: what users call it.
        description: one line for lists.
        settings_type: everything that can be set about it.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    settings_type: ClassVar[type[BaseModel]]

    def __init__(self, settings: Any) -> None:
        """Take settings that were checked, of ``settings_type``."""
        self.settings = settings

    @abstractmethod
    def apply(self, job: Job) -> LoadedModel:
        """Make a model forget, and return it.

        Raises:
            UserError: if the job cannot be done with these settings.
        """
