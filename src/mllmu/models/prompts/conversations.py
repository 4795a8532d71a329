"""Conversations, independent of any model, and prompts in one model's format."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: ``system``, ``user`` or ``assistant``.
        text: the words of the turn.
        images: encoded images (PNG, JPEG, ...), which come before the text.
    """

    role: str
    text: str
    images: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Conversation:
    """Messages that a model is to answer, independent of any model's prompt format.

    The last message is the user's. Where it is the assistant's, nothing is left to answer; such a
    conversation shows how the chat template writes an answer.

    Attributes:
        messages: in chronological order.
    """

    messages: tuple[Message, ...]

    @property
    def images(self) -> tuple[bytes, ...]:
        """All images in the order of their messages."""
        return tuple(image for message in self.messages for image in message.images)


@dataclass(frozen=True)
class Prompt:
    """A prompt in one model's format.

    Attributes:
        text: everything before the answer, with one image placeholder per image.
        images: encoded images in the order of their placeholders.
    """

    text: str
    images: tuple[bytes, ...] = field(default=(), repr=False)


def user_turn(text: str, images: tuple[bytes, ...] = ()) -> Conversation:
    """A conversation of one user message.

    Example:
        ::

            user_turn("Who is this?").messages[0].role  # 'user'
    """
    return Conversation((Message("user", text, images),))
