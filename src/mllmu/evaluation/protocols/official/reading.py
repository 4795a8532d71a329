"""How the official evaluation reads an answer out of what a model wrote.

``eval.py`` decodes prompt and answer together, so what it finds depends on both.
"""

from __future__ import annotations

from collections.abc import Collection

from mllmu.models import Prompt

_ROLE = "ASSISTANT:"
_ANSWER = "Answer:"


def read_text(prompt: Prompt, response: str) -> str:
    """A free answer: what follows the first ``ASSISTANT:`` or else the first ``Answer:``, up to the next."""
    return _after(_decoded(prompt, response), (_ROLE, _ANSWER))


def read_letter(prompt: Prompt, letters: Collection[str], response: str) -> str:
    """The upper-cased first character after the first ``ASSISTANT:``; empty if it is none of the letters.

    ``"The answer is B"`` is no letter, and ``"Answer: B"`` is A.
    """
    letter = _after(_decoded(prompt, response), (_ROLE,))[:1].upper()
    return letter if letter in letters else ""


def _decoded(prompt: Prompt, response: str) -> str:
    # The script also drops the first two tokens, which no marker stands in.
    return prompt.text.replace("<image>", "") + response


def _after(text: str, markers: tuple[str, ...]) -> str:
    for marker in markers:
        if marker in text:
            return text.split(marker)[1].strip()
    return text.strip()
