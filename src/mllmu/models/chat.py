"""How a question becomes the text a model reads: one user turn of the model's own chat template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mllmu.errors import UserError


@dataclass(frozen=True)
class Prompt:
    """A fully rendered prompt.

    Attributes:
        text: everything up to the answer, with one image placeholder per image.
        images: encoded images in the order of their placeholders.
    """

    text: str
    images: tuple[bytes, ...] = field(default=(), repr=False)


def chat_prompt(processor: Any, question: str, images: tuple[bytes, ...] = (), system: str = "") -> Prompt:
    """Render one user turn (images first, then the question) with the processor's chat template.

    Args:
        processor: a Hugging Face processor that carries a chat template.
        question: what the user asks.
        images: encoded images shown before the question.
        system: a system instruction; no system turn is made of an empty one.

    Raises:
        UserError: if the processor has no chat template.
    """
    if not processor.chat_template:
        raise UserError(
            "The model's processor has no chat template; expected a chat_template.jinja in its folder."
        )
    messages: list[dict[str, Any]] = []
    if system:
        messages.append({"role": "system", "content": [{"type": "text", "text": system}]})
    content: list[dict[str, Any]] = [{"type": "image"} for _ in images]
    content.append({"type": "text", "text": question})
    messages.append({"role": "user", "content": content})
    text = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return Prompt(text=text, images=images)
