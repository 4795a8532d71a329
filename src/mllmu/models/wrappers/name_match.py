"""Whether a text names one of some people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mllmu.benchmark.language.comparable_text import without_accents
from mllmu.benchmark.language.word_boundaries import LETTER

_BETWEEN = r"[\s\-\u2010-\u2015]+"


class NameMatch:
    """Looks for full names, whatever their case, accents, and the blanks or hyphens between their parts.

    A possessive (``Ada Berg's``) is the name; a longer word (``Ada Bergman``) is not; nor are a part of
    a name alone, a nickname and a misspelling, which many people share.

    Args:
        names: full names; empty ones are ignored.

    Example:
        >>> NameMatch(["Ada Berg"]).is_in("What is ADA BERG's job?")
        True
        >>> NameMatch(["Ada Berg"]).is_in("What is Ada Bergman's job?")
        False
    """

    def __init__(self, names: Sequence[str]) -> None:
        patterns = [_BETWEEN.join(map(re.escape, parts)) for name in names if (parts := _parts(name))]
        longest_first = sorted(patterns, key=len, reverse=True)
        joined = "|".join(longest_first)
        self._pattern = re.compile(rf"(?<!{LETTER})(?:{joined})(?!{LETTER})") if patterns else None

    def is_in(self, text: str) -> bool:
        """Whether one of the names stands in a text."""
        return self._pattern is not None and self._pattern.search(_plain(text)) is not None


def _parts(name: str) -> list[str]:
    return [part for part in re.split(_BETWEEN, _plain(name)) if part]


def _plain(text: str) -> str:
    """Text in which letters are equal that differ by case, width or accents alone."""
    return without_accents(text).casefold()
