"""The marks between which models write thoughts before their answer."""

from __future__ import annotations

import re

THOUGHTS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
)
"""Each beginning with its end."""

_BEGINNING, _END = ("|".join(map(re.escape, marks)) for marks in zip(*THOUGHTS, strict=True))
_WHOLE = "|".join(f"{re.escape(beginning)}.*?{re.escape(end)}" for beginning, end in THOUGHTS)
# Some templates begin the thought in the prompt, so that an answer only ends it.
_CLOSED_THOUGHT = re.compile(rf"{_WHOLE}|\A(?:(?!{_BEGINNING}).)*?(?:{_END})", re.DOTALL)
_OPEN_THOUGHT = re.compile(rf"(?:{_BEGINNING}).*", re.DOTALL)


def without_thoughts(answer: str) -> str:
    """An answer without its thoughts, and without the rest of a text whose thought never ends.

    Example:
        >>> without_thoughts("<think>Oslo? No.</think>Riga")
        'Riga'
    """
    return _OPEN_THOUGHT.sub("", _CLOSED_THOUGHT.sub("", answer))
