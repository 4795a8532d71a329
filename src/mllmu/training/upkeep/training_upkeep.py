"""What is kept of a training while it goes on, by whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

_SECONDS = 300.0


@dataclass(frozen=True)
class Upkeep:
    """What a training does beside learning; nothing of it changes a weight.

    Attributes:
        state_folder: where its state is kept now and then, so that a training that was killed goes on from
            there and ends as it would have ended. Only the very same training may find it; None to keep none.
        seconds: between two states, at least; 0 for one after each step. Where writing one takes long, it is
            more: a training spends at most a twentieth of its time on them.

    Example:
        ::

            fine_tune(loaded, samples, settings, seed=0, upkeep=Upkeep(Path("states")))
    """

    state_folder: Path | None = None
    seconds: float = _SECONDS

    def part(self, name: str) -> Upkeep:
        """That of one training among several which make a model; ``name`` tells it from the others."""
        return replace(self, state_folder=None if self.state_folder is None else self.state_folder / name)
