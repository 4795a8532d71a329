"""Characters that would steer a terminal or turn a line around, written so that readers see them."""

from __future__ import annotations

import reprlib
import unicodedata

# Marks, embeddings, overrides and isolates of the bidirectional algorithm, and Unicode's own line ends.
_STEERING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What people write into a setting is shown whole; of what grew by aliases or by accident, the beginning.
_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200
_BRIEF.maxlist = _BRIEF.maxdict = 12
_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    r"""Replace control and bidi characters by escapes; line feeds and tabs stay.

    ``visible("a\x1b[2J") == r"a\x1b[2J"``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(one) if _is_steering(one) else one for one in text)


def one_line(text: str, longest: int = 3000) -> str:
    r"""A sentence as lists can show it: `visible`, on one line, its middle left out if it is long.

    ``one_line("a\n b", 40) == "a b"``.
    """
    line = " ".join(visible(text).split())
    if len(line) <= longest:
        return line
    end = longest // 3
    return f"{line[: longest - end - 5]} ... {line[-end:]}"


def brief(value: object) -> str:
    """What somebody wrote, as Python writes it, cut where it is long, deep or holds itself."""
    return _BRIEF.repr(value)


def _is_steering(character: str) -> bool:
    if character in _KEPT:
        return False
    return character in _STEERING or unicodedata.category(character) in ("Cc", "Cs")


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
