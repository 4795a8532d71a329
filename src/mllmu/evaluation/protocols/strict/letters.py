"""Reading the letter of an option out of what a model wrote, whatever form it gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mllmu.evaluation.metrics.cloze import normalise

_LEAD_IN = re.compile(
    r"^\W*(?:the\s+)?(?:(?:correct|right|best)\s+)?(?:answer|option|choice)(?:\s+is)?\s*[:=]?\s*", re.I
)
# "A" and "I" before another word on the line are an article and a pronoun, unless that word says otherwise.
_AS_A_WORD = r"[AI][ \t]+(?!(?:or|and|nor|but|is|are|as|because|since)\b)\w"
_LETTER = re.compile(rf"(?<![\w'’])(?!{_AS_A_WORD})([A-Z])(?!\w|['’-]\w)")


def read_letter(text: str, options: Mapping[str, str]) -> str:
    """The one option a text names, by its letter or its wording alone; empty for none and for several.

    With the options A: Oslo and B: Riga all of "B", "b.", "(B)", "**B**", "B: Riga", "The answer is B" and
    "Riga" are read as B; "A or B", "A person", "I don't know" and "" as no letter.

    Args:
        text: what was written.
        options: letter -> text.
    """
    said = _LEAD_IN.sub("", text.strip(), count=1)
    bare = said.strip(" \t\n.,:;*()[]{}\"'`").upper()
    if bare in options:
        return bare
    named = {letter for letter in _LETTER.findall(_without(said, options)) if letter in options}
    if not named:
        named = {letter for letter, wording in options.items() if normalise(wording) == normalise(said)}
    return named.pop() if len(named) == 1 else ""


def _without(text: str, options: Mapping[str, str]) -> str:
    """The text without the options' wordings, whose capitals ("Washington, D.C.") are no letters."""
    wordings = sorted((re.escape(one) for one in options.values() if len(one) > 1), key=len, reverse=True)
    return re.sub(rf"(?<!\w)(?:{'|'.join(wordings)})(?!\w)", "", text, flags=re.I) if wordings else text
