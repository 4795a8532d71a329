"""Reads the answer out of a server's response, and tells why there is none where it is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

# A closed thought, and the rest of a text whose thought never ends. Some templates open the thought in the
# prompt, so that a response only closes it.
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_CLOSED_THOUGHT = re.compile(r"<(think|thinking)>.*?</\1>|\A((?!<think).)*?</think(ing)?>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<(think|thinking)>.*", re.DOTALL)


class _Part(BaseModel):
    type: str = "text"
    text: str | None = None


class _Message(BaseModel):
    content: str | list[_Part | str] | None = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


@dataclass(frozen=True)
class WrittenAnswer:
    """What a server wrote.

    Attributes:
        text: the answer without reasoning, stripped; None if the server gave none.
        missing_because: why there is none, for people; empty if there is one.
        was_cut: whether the answer ends at the request's limit of tokens.
        has_reasoning: whether reasoning came with the answer and was taken off.
    """

    text: str | None
    missing_because: str = ""
    was_cut: bool = False
    has_reasoning: bool = False


def read_answer(response: Any) -> WrittenAnswer | None:
    """The answer in a response.

    A filtered, refused or empty message holds no answer of the model, whatever the server put in its place.

    Args:
        response: the client's object; servers may leave out any part of it.

    Returns:
        The answer; None if the response is no chat completion with a choice.
    """
    try:
        choice = _Completion.model_validate(response.to_dict(warnings=False)).choices[0]
    except (ValidationError, AttributeError, TypeError, ValueError, RecursionError):
        return None
    message, was_cut = choice.message, choice.finish_reason == "length"
    text, said = _text(message), _text(message)
    text = _OPEN_THOUGHT.sub("", _CLOSED_THOUGHT.sub("", text)).strip()
    thought = text != said.strip() or bool(message.reasoning_content or message.reasoning)
    if choice.finish_reason == "content_filter":
        return WrittenAnswer(None, "withheld by the server's content filter", has_reasoning=thought)
    if text:
        return WrittenAnswer(text, was_cut=was_cut, has_reasoning=thought)
    if message.refusal:
        return WrittenAnswer(None, "refused by the server", has_reasoning=thought)
    if thought:
        return WrittenAnswer(None, "only reasoning, no answer within the limit of tokens", was_cut, True)
    return WrittenAnswer(None, "empty content", was_cut)


def _text(message: _Message) -> str:
    """The text of a message whose content is a text or a list of parts, so that it can be stored as UTF-8."""
    written = message.content or ""
    if isinstance(written, list):
        written = "".join(part if isinstance(part, str) else part.text or "" for part in written)
    return _HALF_CHARACTER.sub("\ufffd", written)
