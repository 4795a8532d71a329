"""Conversations, and the prompts that a model's chat template renders them to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mllmu.errors import UserError
from mllmu.models.plain_text import require_plain


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


def render(processor: Any, conversation: Conversation, system: str = "") -> Prompt:
    """Render a conversation with the processor's chat template.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        conversation: the messages.
        system: a system instruction before the first message; empty for none.

    Raises:
        UserError: if the processor has no chat template, or a message holds a control token of the model.
    """
    if not processor.chat_template:
        raise UserError(
            "The model's processor has no chat template; expected a chat_template.jinja in its folder."
        )
    for message in conversation.messages:
        require_plain(processor, message.text, "answer" if message.role == "assistant" else "question")
    turns = ((Message("system", system),) if system else ()) + conversation.messages
    messages = [
        {
            "role": message.role,
            "content": [*({"type": "image"} for _ in message.images), {"type": "text", "text": message.text}],
        }
        for message in turns
    ]
    unanswered = turns[-1].role != "assistant"
    text = processor.apply_chat_template(messages, add_generation_prompt=unanswered, tokenize=False)
    return Prompt(text=text, images=conversation.images)


def chat_prompt(processor: Any, question: str, images: tuple[bytes, ...] = (), system: str = "") -> Prompt:
    r"""Render one user message, images before the question; arguments and errors are those of `render`.

    Example:
        ::

            chat_prompt(load_model("tiny", "cpu").processor, "Who is this?").text
            # 'USER: Who is this?\nASSISTANT:'
    """
    return render(processor, user_turn(question, images), system)
