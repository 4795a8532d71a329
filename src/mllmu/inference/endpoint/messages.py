"""Conversations as messages of the chat-completions protocol."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import lru_cache
from typing import Any

from mllmu.benchmark.images import portable_image
from mllmu.benchmark.language.control_signs import control_signs
from mllmu.errors import UserError
from mllmu.models import Conversation, Prompt

ChatMessage = dict[str, Any]


def chat_messages(conversation: Conversation, system: str = "") -> list[ChatMessage]:
    """The messages of a request; images stand before their message's text, as data URLs.

    Args:
        conversation: the conversation.
        system: system instruction, which becomes the first message unless it is empty.

    Raises:
        UserError: if an image does not decode.
    """
    said = [{"role": "system", "content": system}] if system else []
    return said + [
        {
            "role": message.role,
            "content": [
                *({"type": "image_url", "image_url": {"url": _data_url(image)}} for image in message.images),
                {"type": "text", "text": message.text},
            ],
        }
        for message in conversation.messages
    ]


def require_known_words(text: str) -> None:
    """Refuse a text that holds a control token of some model: a server does not say which its model has.

    Raises:
        UserError: naming the text and what is in it.
    """
    if signs := control_signs(text):
        raise UserError(
            f"The prompt {text!r} contains {signs}, which a server's model may read as a control token; "
            "expected words."
        )


def answered(messages: list[ChatMessage], answer: str) -> list[ChatMessage]:
    """Append an answer to messages."""
    return [*messages, {"role": "assistant", "content": [{"type": "text", "text": answer}]}]


def transcript(conversation: Conversation, system: str = "") -> Prompt:
    """A conversation as readable JSON, one object per message.

    It stands for the rendered prompt, because the server does not show its chat template.
    """
    said = [{"role": "system", "text": system}] if system else []
    said += [
        {"role": message.role, "text": "<image>\n" * len(message.images) + message.text}
        for message in conversation.messages
    ]
    images = tuple(image for message in conversation.messages for image in message.images)
    return Prompt("\n".join(json.dumps(one, ensure_ascii=False) for one in said), images)


@lru_cache(maxsize=256)
def _data_url(image: bytes) -> str:
    """An image as a data URL, in a form that the server shows as models on this machine see it."""
    media_type, portable = portable_image(image)
    return f"data:{media_type};base64,{b64encode(portable).decode()}"
