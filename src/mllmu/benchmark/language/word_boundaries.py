"""Where words end in scripts that put no blanks between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

WITHOUT_BLANKS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters, kana and what goes with them
)
"""Ranges of characters of such scripts, for a class of a regular expression."""

HANGUL = "\uac00-\ud7af"
"""Korean has blanks, but appends endings to letters of other scripts, as in "B입니다"."""

LETTER = rf"[^\W{WITHOUT_BLANKS}{HANGUL}]"
"""A letter or digit with which a word goes on, as a class: one of a script that has blanks between words."""


def standing_alone(pattern: re.Pattern[str], text: str, beside: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where a pattern matches and no character that `beside` matches precedes or follows it, as spans.

    As look-arounds of ``pattern`` would find it; but so large a class takes milliseconds to compile, and
    `beside` is compiled once for many patterns.
    """
    start = 0
    while match := pattern.search(text, start):
        low, high = match.span()
        is_alone = not any(map(beside.match, (text[max(0, low - 1) : low], text[high : high + 1])))
        if is_alone:
            yield low, high
        start = high if is_alone else low + 1
