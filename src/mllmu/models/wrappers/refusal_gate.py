"""A gate before a model: who asks about one of some people gets a refusal, and the model is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.conversations import Conversation, Prompt
from mllmu.models.wrappers.recogniser import Recogniser
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts


@dataclass(frozen=True)
class RefusalGate(Wrapper):
    """Refuses where people are recognised.

    Attributes:
        recogniser: recognises them.
        refusal: what is answered.
    """

    name = "refusal_gate"

    recogniser: Recogniser
    refusal: str

    def replies(
        self, model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
    ) -> list[str | None]:
        """The refusal wherever one of the people is recognised."""
        recognised = self.recogniser.recognises(model, encoder, prompts)
        return [self.refusal if one else None for one in recognised]

    def parts(self) -> WrapperParts:
        """See `Wrapper.parts`."""
        own = self.recogniser.parts()
        return WrapperParts({"refusal": self.refusal, **own.settings}, own.tensors)

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> RefusalGate:
        """See `Wrapper.of_parts`."""
        return cls(Recogniser.of_parts(parts), str(parts.settings["refusal"]))
