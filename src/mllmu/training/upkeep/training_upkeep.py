"""What is kept of a training while it goes on, by whoever asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mllmu.training.upkeep.tracking import Tracking

StepLog = Mapping[str, "float | str"]
_SECONDS = 300.0


@dataclass(frozen=True)
class Upkeep:
    """What a training does beside learning; nothing of it changes a weight.

    Attributes:
        state_folder: where its state is kept now and then, so that a training that was killed goes on from
            there and ends as it would have ended. Only the very same training may find it; None to keep none.
        seconds: between two states, at least; 0 for one after each step. Where writing one takes long, it is
            more: a training spends at most a twentieth of its time on them.
        log: where each step is told of, once a training has ended: ``step`` and ``passes`` done, ``loss``,
            the parts that the loss told, ``learning_rate``, ``gradient_norm`` before it was clipped, and the
            ``training`` it belongs to where several make a model.
        name: of the training.
        tracking: who else is told of each step; None for nobody.

    Example:
        ::

            fine_tune(loaded, samples, settings, seed=0, upkeep=Upkeep(Path("states")))
    """

    state_folder: Path | None = None
    seconds: float = _SECONDS
    log: list[StepLog] = field(default_factory=list, repr=False)
    name: str = ""
    tracking: Tracking | None = None

    def part(self, name: str) -> Upkeep:
        """That of one training among several which make a model; ``name`` tells it from the others."""
        folder = None if self.state_folder is None else self.state_folder / name
        tracking = None if self.tracking is None else self.tracking.of(f"{self.tracking.title}-{name}")
        return replace(self, state_folder=folder, name=name, tracking=tracking)
