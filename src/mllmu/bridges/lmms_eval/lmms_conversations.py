"""From the chat messages of lmms-eval to the conversations that our engines answer."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from mllmu.errors import UserError
from mllmu.models import Conversation, Message


def to_conversation(messages: Iterable[Mapping[str, Any]], control: re.Pattern[str]) -> Conversation:
    """The same turns; a turn's images come before its words, as all our engines show them.

    Where an image stood after words, the words say so: ``[image 2]``. Words of a data set that the model's
    tokenizer would take for control tokens, such as ``<image>``, are left out.

    Args:
        messages: turns with a role and a list of content, each ``text`` or ``image``.
        control: finds the control tokens of the model.

    Raises:
        UserError: there is something else to see or hear than images, or an image that cannot be read.
    """
    return Conversation(tuple(_turn(one["role"], one["content"], control) for one in messages))


def cut_at(text: str, ends: Sequence[str]) -> str:
    """A text up to the first of the words that end it, stripped of white space."""
    stops = [text.find(end) for end in ends if end]
    return text[: min((stop for stop in stops if stop >= 0), default=len(text))].strip()


def _turn(role: str, content: Sequence[Mapping[str, Any]], control: re.Pattern[str]) -> Message:
    words: list[str] = []
    images: list[bytes] = []
    for part in content:
        if part["type"] == "text":
            words.append(control.sub("", part["text"]))
        elif part["type"] == "image":
            images.append(_encoded(part["url"]))
            if any(word.strip() for word in words):
                words.append(f"[image {len(images)}]")
        else:
            raise UserError(f"A task shows {part['type']}; expected images and text, which models here read.")
    return Message(role, "".join(words).strip(), tuple(images))


def _encoded(image: Image.Image | str) -> bytes:
    """An image as the bytes of a file."""
    try:
        if isinstance(image, str):
            return Path(image).read_bytes()
        written = io.BytesIO()
        image.convert("RGB").save(written, "PNG")
    except (OSError, AttributeError, ValueError) as error:
        raise UserError(f"An image of a task cannot be read ({error}); expected a file or pixels.") from error
    return written.getvalue()
