"""A protocol says how questions are put to a model and how long it may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mllmu.benchmark.types import Question
from mllmu.evaluation import prompts
from mllmu.suggest import unknown

Wording = Callable[[Question], str]


@dataclass(frozen=True)
class Protocol:
    """How each form of question is put; the chat template and the system prompt are added by the asker.

    Attributes:
        name: what results name it.
        generation: words a free-text question.
        cloze: words a fill-in-the-blank question.
        option_likelihood: words a classification question so that the option texts are scored as answers.
        letter_likelihood: words a classification question so that the option letters are scored as answers;
            None where letters are not asked for.
        generation_tokens: longest free-text answer, in tokens.
        cloze_tokens: longest cloze answer, in tokens.
    """

    name: str
    generation: Wording
    cloze: Wording
    option_likelihood: Wording
    letter_likelihood: Wording | None = None
    generation_tokens: int = 40
    cloze_tokens: int = 16


STRICT = Protocol(
    name="strict",
    generation=prompts.generation_prompt,
    cloze=prompts.cloze_prompt,
    option_likelihood=prompts.short_answer_prompt,
)
STRICT_LETTERS = Protocol(
    name="strict_letters",
    generation=prompts.generation_prompt,
    cloze=prompts.cloze_prompt,
    option_likelihood=prompts.short_answer_prompt,
    letter_likelihood=prompts.letter_prompt,
)
_PROTOCOLS = {protocol.name: protocol for protocol in (STRICT, STRICT_LETTERS)}


def protocol_names() -> tuple[str, ...]:
    """All names that `get_protocol` knows."""
    return tuple(_PROTOCOLS)


def get_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        UserError: no protocol has that name.
    """
    if name not in _PROTOCOLS:
        raise unknown("protocol", name, _PROTOCOLS)
    return _PROTOCOLS[name]
