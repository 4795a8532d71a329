"""What a model is told: a conversation, and the text that the model's own chat template makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mllmu.errors import UserError


@dataclass(frozen=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: ``system``, ``user`` or ``assistant``.
        text: what is said.
        images: encoded images shown before the text.
    """

    role: str
    text: str
    images: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Conversation:
    """Messages that a model is to answer, worded for no model in particular; the last one is the user's.

    A conversation that the assistant has ended asks nothing, but shows how the model's turn is written.
    """

    messages: tuple[Message, ...]

    @property
    def images(self) -> tuple[bytes, ...]:
        """All images in the order of their messages."""
        return tuple(image for message in self.messages for image in message.images)


@dataclass(frozen=True)
class Prompt:
    """A fully rendered prompt.

    Attributes:
        text: everything up to the answer, with one image placeholder per image.
        images: encoded images in the order of their placeholders.
    """

    text: str
    images: tuple[bytes, ...] = field(default=(), repr=False)


def user_turn(text: str, images: tuple[bytes, ...] = ()) -> Conversation:
    """The conversation that consists of one question."""
    return Conversation((Message("user", text, images),))


def render(processor: Any, conversation: Conversation, system: str = "") -> Prompt:
    """Render a conversation with the processor's chat template; images stand before their message's text.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        conversation: what is said.
        system: a system instruction put before it; no system turn is made of an empty one.

    Raises:
        UserError: if the processor has no chat template.
    """
    if not processor.chat_template:
        raise UserError(
            "The model's processor has no chat template; expected a chat_template.jinja in its folder."
        )
    said = ((Message("system", system),) if system else ()) + conversation.messages
    messages = [
        {
            "role": message.role,
            "content": [*({"type": "image"} for _ in message.images), {"type": "text", "text": message.text}],
        }
        for message in said
    ]
    asked = said[-1].role != "assistant"
    text = processor.apply_chat_template(messages, add_generation_prompt=asked, tokenize=False)
    return Prompt(text=text, images=conversation.images)


def chat_prompt(processor: Any, question: str, images: tuple[bytes, ...] = (), system: str = "") -> Prompt:
    """Render one user turn (images first, then the question); see `render`."""
    return render(processor, user_turn(question, images), system)
