"""Whether an answer contains a value as it is meant: as whole words, and not as a part of another value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from mllmu.benchmark.language.comparable_text import comparable
from mllmu.benchmark.language.word_boundaries import HANGUL, WITHOUT_BLANKS
from mllmu.evaluation.metrics.measured_values import goes_on

_ARTICLE = re.compile(r"^(?:an?|the) (?=\w)")
_WITHOUT_BLANKS, _HANGUL = re.compile(f"[{WITHOUT_BLANKS}]"), re.compile(f"[{HANGUL}]")


def contains_value(text: str, value: str, others: Iterable[str] = ()) -> bool:
    """Whether `text` has `value` in it, both made `comparable`, as a value of its own.

    That is, somewhere where it is

    - of whole words: "art" is not in "party", nor "twenty" in "twenty-five". Scripts without blanks between
      words have no such ends, and Korean may append endings;
    - a whole quantity: "5 feet" is not in "5 feet 9 inches", nor "$50" in "$50,000" or "$50 million";
    - no part of one of `others` that has a further word beside it: "nurse" is not in "a veterinary nurse" if
      that is another value, but "Riga" is in "Riga, Latvia".

    The article that a value begins with and the commas between its words and numbers may be missing: "a cat
    named Luna" is in "the cat named Luna", and "May 14, 1988" in "May 14 1988".

    A value of nothing but blanks is in no text.

    Args:
        text: what was written.
        value: the true one.
        others: what else the answer could have been; those that do not contain `value` make no difference.
    """
    wanted, written = comparable(value), comparable(text)
    other_values = [comparable(other) for other in others]
    if _contains(written, wanted, other_values):
        return True
    bare = _ARTICLE.sub("", wanted)
    if ", " in bare:
        bare, written, *other_values = (part.replace(", ", " ") for part in (bare, written, *other_values))
    return bare != wanted and _contains(written, bare, other_values)


def _contains(written: str, wanted: str, others: Iterable[str]) -> bool:
    if wanted not in written:
        return False
    spans = list(_spans(written, wanted))
    if not spans:
        return False
    longer = [span for other in others for span in _spans(written, other) if _is_longer(other, wanted)]
    return any(not any(low <= start and end <= high for low, high in longer) for start, end in spans)


def longer_values(value: str, values: Iterable[str]) -> list[str]:
    """Those of `values`, made `comparable`, that hold `value`, also without its article, and another word."""
    wanted = comparable(value)
    bare = _ARTICLE.sub("", wanted)
    return [one for one in map(comparable, values) if _is_longer(one, wanted) or _is_longer(one, bare)]


def _is_longer(other: str, value: str) -> bool:
    """Whether `other` has `value` in it beside a word, no article, that no punctuation sets off."""
    other = _ARTICLE.sub("", other)
    for start, end in _spans(other, value) if value != other else ():
        before, after = other[:start].rstrip(" "), other[end:].lstrip(" ")
        if (before and _is_word(before[-1])) or (after and _is_word(after[0])):
            return True
    return False


def _spans(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Where a value stands in a text, as whole words and as a whole quantity."""
    start = text.find(value) if value else -1
    while start >= 0:
        end = start + len(value)
        whole = not _word_goes_on(text, start, end) and not goes_on(text[:start], value, text[end:])
        if whole:
            yield start, end
        start = text.find(value, start + 1)


def _word_goes_on(text: str, start: int, end: int) -> bool:
    """Whether there is more of the first or last word of a part of a text."""
    first, before = text[start], text[:start]
    if _ends_are_seen(first) and before:
        joint = before[-2:-1] if before[-1] == "-" else before[-1]
        if joint and _ends_are_seen(joint):
            return True
    last, after = text[end - 1], text[end:]
    if _ends_are_seen(last) and after:
        joint = after[1:2] if after[0] == "-" else after[0]
        return bool(joint) and _ends_are_seen(joint) and not _HANGUL.match(joint)
    return False


def _ends_are_seen(character: str) -> bool:
    """Whether a character belongs to a word of a script that has something between words."""
    return _is_word(character) and not _WITHOUT_BLANKS.match(character)


def _is_word(character: str) -> bool:
    """Whether a character is a letter, a digit, or a mark on one, as the vowel signs of Indian scripts."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"
