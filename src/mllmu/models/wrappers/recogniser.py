"""Recognises people in what is asked: by name in the text, by face in the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.conversations import Conversation, Prompt
from mllmu.models.wrappers.face_match import FaceMatch
from mllmu.models.wrappers.name_match import NameMatch
from mllmu.models.wrappers.wrapper import WrapperParts


@dataclass(frozen=True)
class Recogniser:
    """Tells whether a prompt is about one of some people.

    Attributes:
        names: by which they are recognised; empty to go by faces alone.
        faces: by which they are recognised; None to go by names alone.
    """

    names: tuple[str, ...]
    faces: FaceMatch | None

    def recognises(
        self, model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
    ) -> list[bool]:
        """For each prompt whether any of its messages names, or any of its pictures shows, one of them."""
        shown: Mapping[bytes, bool] = {}
        if self.faces is not None:
            pictures = [picture for prompt in prompts for picture in prompt.images]
            shown = self.faces.shows(model, encoder, pictures)
        return [
            self._name_match.is_in(_text(prompt)) or any(shown.get(one, False) for one in prompt.images)
            for prompt in prompts
        ]

    @cached_property
    def _name_match(self) -> NameMatch:
        return NameMatch(self.names)

    def parts(self) -> WrapperParts:
        """All that it consists of, with the false-positive rates at which the threshold was chosen."""
        if self.faces is None:
            return WrapperParts({"names": list(self.names)})
        rates = {"wanted_rate": self.faces.wanted_rate, "measured_rate": self.faces.measured_rate}
        return WrapperParts(
            {"names": list(self.names), "threshold": self.faces.threshold, **rates},
            {"faces": self.faces.faces, "centre": self.faces.centre},
        )

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> Recogniser:
        """The recogniser that consists of these parts."""
        settings, tensors = parts.settings, parts.tensors
        faces = None
        if "threshold" in settings:
            numbers = (float(settings[name]) for name in ("threshold", "wanted_rate", "measured_rate"))
            faces = FaceMatch(tensors["faces"], tensors["centre"], *numbers)
        names = settings["names"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("names are no list of texts")
        return cls(tuple(names), faces)


def _text(prompt: Conversation | Prompt) -> str:
    if isinstance(prompt, Prompt):
        return prompt.text
    return "\n".join(message.text for message in prompt.messages)
