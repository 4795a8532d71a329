"""Compare texts regardless of case, accents, punctuation and the person's name."""

from __future__ import annotations

import re
import unicodedata

from mllmu.benchmark.person_naming import name_person
from mllmu.benchmark.types import Profile

# Signs such as the dollar's and the euro's stay: they tell one salary from another.
_SEPARATORS = re.compile(r"[\s.,;:!?'\"`’‘“”()\[\]{}/_–—-]+")
_SOMEBODY = "\N{BULLET}"


def plain(text: str) -> str:
    """Normalise a text: without case, accents, punctuation and repeated spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", letters).strip()


def contains(text: str, part: str) -> bool:
    """Whether a text contains another as whole words, both normalised by `plain`."""
    words = plain(part)
    return bool(words) and f" {words} " in f" {plain(text)} "


def template(text: str, person: Profile) -> str:
    """Replace the person in a question by a placeholder, so that equal wordings compare equal.

    Names, "this person" and "the individual in this picture" all become the same sign.
    """
    named = text.replace(person.name, "this person") if person.name else text
    return plain(name_person(named, _SOMEBODY))
