"""Examples before every conversation: questions with the answers that the model is to give to such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from mllmu.models.prompts.conversations import Conversation, Message
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts


@dataclass(frozen=True)
class ShownExamples(Wrapper):
    """Puts the same turns before every conversation, after the system instruction.

    Engines that share prefixes compute them once for all questions. Prompts in a model's own format, which
    take no system instruction either, are left as they are.

    Attributes:
        turns: in chronological order, the last one the assistant's.
    """

    name = "shown_examples"

    turns: tuple[Message, ...]

    def worded(self, conversation: Conversation) -> Conversation:
        """The turns, and then the conversation."""
        return Conversation((*self.turns, *conversation.messages))

    def parts(self) -> WrapperParts:
        """See `Wrapper.parts`; pictures are stored as the bytes of their files."""
        pictures = list(dict.fromkeys(picture for turn in self.turns for picture in turn.images))
        turns = [
            {"role": turn.role, "text": turn.text, "images": [pictures.index(one) for one in turn.images]}
            for turn in self.turns
        ]
        tensors = {
            str(number): torch.frombuffer(bytearray(picture), dtype=torch.uint8)
            for number, picture in enumerate(pictures)
        }
        return WrapperParts({"turns": turns}, tensors)

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> ShownExamples:
        """See `Wrapper.of_parts`."""
        pictures = {int(name): tensor.numpy().tobytes() for name, tensor in parts.tensors.items()}

        def turn(one: dict[str, Any]) -> Message:
            return Message(one["role"], one["text"], tuple(pictures[number] for number in one["images"]))

        return cls(tuple(map(turn, parts.settings["turns"])))
