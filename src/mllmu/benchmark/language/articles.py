"""The English indefinite article."""

from __future__ import annotations

import re

_SOUNDS_LIKE_A = re.compile(r"(?:uni(?!n|m)|use|usu|util|eu|one\b|once\b)", re.IGNORECASE)
_SOUNDS_LIKE_AN = re.compile(r"(?:hon(?:est|or|our)|hour|heir)", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Z]{2}")


def article_for(noun: str) -> str:
    """Give ``a`` or ``an``, whichever is said before ``noun``."""
    if _INITIALS.match(noun):
        return "an" if noun[0] in "AEFHILMNORSX" else "a"
    if _SOUNDS_LIKE_AN.match(noun):
        return "an"
    if _SOUNDS_LIKE_A.match(noun):
        return "a"
    return "an" if noun[:1].lower() in "aeiou" else "a"
