"""Reads the answer out of a server's response, and tells why there is none where it is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from mllmu.models.prompts.thoughts import without_thoughts

_BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource", "tool_calls", "function_call"})
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_TEXTS = ("text", "output_text", None)


class _Part(BaseModel):
    type: str | None = None
    text: str | None = None
    refusal: str | None = None

    @property
    def is_thought(self) -> bool:
        """Servers call it "reasoning", "thinking" or the like."""
        return any(word in (self.type or "") for word in ("reason", "think"))


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
        is_failure: whether the server failed, so that another try may bring an answer.
    """

    text: str | None
    missing_because: str = ""
    was_cut: bool = False
    has_reasoning: bool = False
    is_failure: bool = False


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
    parts = _parts(message.content)
    said = _HALF_CHARACTER.sub("\ufffd", "".join(one.text or "" for one in parts if one.type in _TEXTS))
    text = without_thoughts(said).strip()
    thought = text != said.strip() or bool(message.reasoning_content or message.reasoning)
    thought = thought or any(part.is_thought for part in parts)
    if choice.finish_reason in _BROKEN_OFF:
        why = f"broken off by the server ({choice.finish_reason})"
        return WrittenAnswer(None, why, has_reasoning=thought, is_failure=True)
    if choice.finish_reason == "content_filter":
        return WrittenAnswer(None, "withheld by the server's content filter", has_reasoning=thought)
    if text:
        return WrittenAnswer(text, was_cut=was_cut, has_reasoning=thought)
    if message.refusal or any(part.refusal for part in parts):
        return WrittenAnswer(None, "refused by the server", has_reasoning=thought)
    if thought:
        return WrittenAnswer(None, "only reasoning, no answer within the limit of tokens", was_cut, True)
    return WrittenAnswer(None, "empty content", was_cut)


def _parts(content: str | list[_Part | str] | None) -> list[_Part]:
    """The parts of a message's content, whether it is a text or a list of them."""
    written = content if isinstance(content, list) else [content or ""]
    return [part if isinstance(part, _Part) else _Part(text=part) for part in written]
