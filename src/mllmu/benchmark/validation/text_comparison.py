"""Compare texts regardless of case, accents, punctuation and the person's name."""

from __future__ import annotations

import re

from mllmu.benchmark.language.comparable_text import without_accents
from mllmu.benchmark.language.person_naming import name_person
from mllmu.benchmark.language.word_boundaries import HANGUL, LETTER, WITHOUT_BLANKS, standing_alone
from mllmu.benchmark.types import Profile

# Signs such as the dollar's and the euro's stay: they tell one salary from another, and a minus one number.
_MINUS = re.compile(r"(?<![\w.,)])[-−–](?=\d)")
_SEPARATORS = re.compile(r"[\s.,;:!?'\"`’‘“”()\[\]{}/_–—-]+")
_LETTER, _NO_BLANKS = re.compile(LETTER), re.compile(f"[{WITHOUT_BLANKS}{HANGUL}]")
_SOMEBODY = "\N{BULLET}"
# Words of an answer that say nothing about its content, and those that change what the others say.
_FILLER_WORDS = (
    "a an the of in on at as to by is was are were be been being s he she they his her their him them it "
    "its this that person individual man woman father mother name named called known works work worked "
    "working job occupation profession employed has have had currently born lives live living resides "
    "reside residing located born studied educated graduated attended earned holds held position"
)
_FILLERS = {_SOMEBODY} | frozenset(_FILLER_WORDS.split())
_CHANGES = frozenset(("and", "or", "no", "not", "non", "none", "never", "without", "former", "retired", "ex"))


def plain(text: str) -> str:
    """Normalise a text: without case, accents, punctuation and repeated spaces."""
    signed = _MINUS.sub("\N{MINUS SIGN}", without_accents(text.casefold()))
    return _SEPARATORS.sub(" ", signed).strip()


def contains(text: str, part: str) -> bool:
    """Whether a text contains another as whole words, both normalised by `plain`.

    Scripts without blanks between words have no such ends, and Korean may append endings.
    """
    words, written = plain(part), plain(text)
    if not words or words not in written:
        return False
    if f" {words} " in f" {written} ":
        return True
    return has_no_blanks(words) and any(standing_alone(re.compile(re.escape(words)), written, _LETTER))


def has_no_blanks(text: str) -> bool:
    """Whether a text has characters of scripts that put no blanks between words, or endings to words."""
    return _NO_BLANKS.search(text) is not None


def same_answer(one: str, other: str, person: Profile) -> bool:
    """Whether two answers to one question agree: one says what the other says, at most in more detail.

    "This person's father works as a teacher." agrees with "He is a school teacher.", but not with "He is no
    teacher." or "He is a teacher and a poet.".
    """
    first, second = (
        {word for word in template(text, person).split() if word not in _FILLERS} for text in (one, other)
    )
    smaller, larger = sorted((first, second), key=len)
    if not smaller:
        return first == second
    return smaller <= larger and not (larger - smaller) & _CHANGES


def template(text: str, person: Profile) -> str:
    """Replace the person in a question by a placeholder, so that equal wordings compare equal.

    Names, "this person" and "the individual in this picture" all become the same sign.
    """
    named = text.replace(person.name, "this person") if person.name else text
    return plain(name_person(named, _SOMEBODY))
