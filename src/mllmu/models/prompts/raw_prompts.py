"""Prompts that no chat template wrote: images as the model has them, no control tokens among the words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mllmu.errors import UserError
from mllmu.models.prompts.chat import render
from mllmu.models.prompts.conversations import Conversation, Message, Prompt
from mllmu.models.prompts.plain_text import special_tokens
from mllmu.models.prompts.template_guard import template_text

# Words that no template writes, as what is said in a conversation.
_SAID = ("sayzero", "sayone", "saytwo", "saythree")
_SHOWN_CHARACTERS = 200
_ANY_IMAGE = "<image>"


def raw_prompt(processor: Any, prompt: Prompt) -> Prompt:
    """A prompt with images as the model's chat template writes them, where it says ``<image>``.

    Prompts of the official evaluation say so, whichever model they are for; Qwen's and Llama's own names of
    an image are others.

    Raises:
        UserError: see `require_raw_prompt`.
    """
    placeholder = _placeholder(processor)
    if placeholder == _ANY_IMAGE or _ANY_IMAGE not in prompt.text:
        require_raw_prompt(processor, prompt)
        return prompt
    require_raw_prompt(processor, replace(prompt, text=prompt.text.replace(_ANY_IMAGE, placeholder)))
    own = _written_image(processor, template_text(processor), placeholder)
    return replace(prompt, text=prompt.text.replace(_ANY_IMAGE, own))


def require_raw_prompt(processor: Any, prompt: Prompt) -> None:
    """Check that a prompt holds no control token except those that the chat template writes between texts.

    The template's `</s>` between an answer and the next question may stand there, and ``<image>`` once per
    image; a question that has either in it is refused. Prompts of a processor without a chat template are
    compared by their placeholders alone.

    Raises:
        UserError: naming the prompt and the token; or placeholders and images are not as many.
    """
    placeholder = _placeholder(processor)
    count, said = prompt.text.count(placeholder), repr(prompt.text[:_SHOWN_CHARACTERS])
    if count != len(prompt.images):
        raise UserError(
            f"The prompt {said} has {count} image placeholders ({placeholder}) for {len(prompt.images)} "
            "images; expected one for each."
        )
    tokens = special_tokens(processor, len(processor.tokenizer))
    if not processor.chat_template or not tokens.search(prompt.text.replace(placeholder, "")):
        return
    said_by_people = prompt.text
    for written in _between_texts(processor, template_text(processor)):
        said_by_people = said_by_people.replace(written, "\n")
    begun = said_by_people.removeprefix(processor.tokenizer.bos_token or "")
    match = tokens.search(begun.replace(placeholder, "\n"))
    if match:
        raise UserError(
            f"The prompt {said} contains {match.group()}, a control token of the model, where its chat "
            "template writes none; expected words, and one placeholder per image."
        )


def _placeholder(processor: Any) -> str:
    return getattr(processor, "image_token", None) or _ANY_IMAGE


@lru_cache(maxsize=8)
def _written_image(processor: Any, template: str, placeholder: str) -> str:
    """What the chat template writes for an image: its placeholder and the control tokens right beside it."""
    if not template:
        return placeholder
    text = render(processor, Conversation((Message("user", _SAID[0], (b"",)),))).text
    token = f"(?:{special_tokens(processor, len(processor.tokenizer)).pattern})"
    beside = re.search(f"{token}*{re.escape(placeholder)}{token}*", text)
    return beside.group() if beside else placeholder


@lru_cache(maxsize=8)
def _between_texts(processor: Any, template: str) -> tuple[str, ...]:
    """What the chat template writes between the texts of a conversation, longest first."""
    image = b""  # only counted
    pieces = set()
    for images in ((), (image,), (image, image)):
        for system in ("", _SAID[0]):
            turns = (
                Message("user", _SAID[1], images),
                Message("assistant", _SAID[2]),
                Message("user", _SAID[3], images),
            )
            try:
                text = render(processor, Conversation(turns), system).text
            except UserError:
                continue  # some templates take no instruction, or no second turn
            pieces.update(re.split("|".join(_SAID), text))
    return tuple(sorted((piece for one in pieces if (piece := one.strip())), key=len, reverse=True))
