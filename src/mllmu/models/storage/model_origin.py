"""What a model in memory was loaded from, and what a training added to it since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from mllmu.models.storage.stored_digests import Stamp


@dataclass(frozen=True)
class AddedAdapter:
    """An adapter that a training has merged into a model.

    Attributes:
        config: its settings as PEFT writes them; values that JSON can hold.
        tensors: its weights as PEFT names them, and those of other parts that learned, whole.
        before: fingerprint of the model's weights without it.
        after: fingerprint of the model's weights with it.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    before: str
    after: str


@dataclass
class Origin:
    """Where a model's weights came from; a training notes in it what it adds, as it changes weights in place.

    Whoever changes weights otherwise need not know of it: fingerprints tell whether it still says all.

    Attributes:
        source: built-in name, folder or hub id.
        stamps: of the files that were loaded; see `ModelChain.stamps`.
        fingerprint: of the weights as they were loaded; see `weights_fingerprint`.
        added: the adapter that was merged last; None if there was none.
    """

    source: str
    stamps: tuple[Stamp, ...]
    fingerprint: str
    added: AddedAdapter | None = None

    def explains(self, fingerprint: str) -> bool:
        """Whether weights are what was loaded, with the adapter added and nothing else done to them."""
        added = self.added
        return added is not None and (added.before, added.after) == (self.fingerprint, fingerprint)
