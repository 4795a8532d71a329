"""Bring texts that look alike into one form, so that they compare equal."""

from __future__ import annotations

import re
import unicodedata

# Beside white space: zero-width spaces, and letters and Braille cells that are drawn as nothing.
_BLANKS = re.compile("[\\s\u115f\u1160\u17b4\u17b5\u180e\u200b\u2800\u3164\uffa0]+")
# Marks of direction, soft hyphens, joiners of words and choices of a sign's picture.
_UNSEEN = re.compile("[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_SIGNS = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "‐": "-", "−": "-"})

# Letters with a stroke, and others that Unicode does not take apart into a letter and its mark.
_WHOLE_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ß": "ss"}
)

# Canonical classes of nuktas, voicing marks and viramas.
_CLASSES_OF_LETTERS = (7, 8, 9)


def comparable(text: str) -> str:
    """`text` in one spelling of its characters (NFKC), without case, and with single spaces inside alone.

    ``comparable(" RIGA,  Latvia ") == "riga, latvia"``. Curved quotes become straight ones; accents stay.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    signs = _UNSEEN.sub("", folded).translate(_SIGNS).replace("''", '"')
    return _BLANKS.sub(" ", signs).strip()


def without_accents(text: str) -> str:
    """`text` in which letters are equal that differ by width or accents alone: NFKD without most marks.

    ``without_accents("Zoë Wójcik, Łódź") == "Zoe Wojcik, Lodz"``. Marks that make another letter stay: the
    breve of Cyrillic, and the nuktas, viramas and voicing marks of Indic and Japanese scripts.
    """
    parts = unicodedata.normalize("NFKD", text.translate(_WHOLE_LETTERS))
    bare = "".join(
        sign
        for before, sign in zip(" " + parts, parts, strict=False)
        if not (mark := unicodedata.combining(sign)) or mark in _CLASSES_OF_LETTERS or _is_short(before, sign)
    )
    return unicodedata.normalize("NFC", bare)


def _is_short(before: str, mark: str) -> bool:
    """Whether a mark makes a Cyrillic vowel short, as in й."""
    return mark == "\N{COMBINING BREVE}" and "\u0400" <= before <= "\u052f"


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: it is empty, or of blanks of any kind alone."""
    return not comparable(text)
