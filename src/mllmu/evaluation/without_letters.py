"""Asking without letters: for models that pick the letter of an option at chance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from mllmu.evaluation.protocol import Asking, Part, Questioner, Scored
from mllmu.evaluation.questions.items import Item


@dataclass(frozen=True)
class WithoutLetters:
    """Puts questions as another does, but asks for no letter where the option texts are scored as well.

    Args:
        inner: whose questions they are; one that judges options by their letters alone goes on to do so.
    """

    inner: Questioner

    @property
    def name(self) -> str:
        """That of the other."""
        return self.inner.name

    def put(self, item: Item) -> Asking:
        """See `Questioner.put`."""
        asking = self.inner.put(item)
        if Part.OPTIONS not in asking.scored:
            return asking
        return replace(asking, scored=without(asking, {Part.LETTERS}), letter_response=None)


def without(asking: Asking, dropped: Collection[Part]) -> dict[Part, Scored]:
    """What is scored for a question, without some parts."""
    return {part: scored for part, scored in asking.scored.items() if part not in dropped}
