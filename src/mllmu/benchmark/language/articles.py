"""The English indefinite article."""

from __future__ import annotations

import re

_SOUNDS_LIKE_A = re.compile(r"(?:uni(?!n|m)|ur[aeiou]|uk[eru]|use|usu|util|eu|one\b|once\b)", re.IGNORECASE)
_SOUNDS_LIKE_AN = re.compile(r"(?:hon(?:est|or|our)|hour|heir|8|1[18](?!\d))", re.IGNORECASE)
# Letters that are said one by one; those said as words are listed.
_INITIALS = re.compile(r"[A-Z]{2}|[A-Z](?=\d|\b(?!['’]))")
_SAID_AS_WORDS = re.compile(r"(?:FIFA|LASER|LEGO|NASA|NASCAR|NATO|RADAR|SONAR|SWAT)\b")


def article_for(noun: str) -> str:
    """Give ``a`` or ``an``, whichever is said before ``noun``."""
    if _INITIALS.match(noun) and not _SAID_AS_WORDS.match(noun):
        return "an" if noun[0] in "AEFHILMNORSX" else "a"
    if _SOUNDS_LIKE_AN.match(noun):
        return "an"
    if _SOUNDS_LIKE_A.match(noun):
        return "a"
    return "an" if noun[:1].lower() in "aeiou" else "a"
