"""Words of an answer in a form in which they can be compared."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from mllmu.benchmark.language.comparable_text import comparable, without_accents
from mllmu.evaluation.judge.rules.word_lists import FILLERS

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
# The order counts: the first that fits is taken off, and then the next.
_ENDINGS = (
    "ances", "ance", "ants", "ant", "ists", "ist", "ians", "ian", "ers", "er", "ors", "or", "ries", "ness",
    "ings", "ing", "ies", "ied", "es", "ed", "ic", "al", "y", "s", "a", "e", "o",
)  # fmt: skip
# "Swimming" is a form of "swim".
_DOUBLED = ("bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt")
_SHORTEST_ROOT = 3
# The same few texts and words are compared again and again.
_KEPT = 2**16


@lru_cache(maxsize=_KEPT)
def plain(text: str) -> str:
    """`text` in lower case and without accents: ``plain("Málaga, España") == "malaga, espana"``."""
    return without_accents(comparable(text))


def words(text: str) -> list[str]:
    """The words and numbers of a text, plain, without possessive endings."""
    return [word.removesuffix("'s").replace("'", "") for word in _WORD.findall(plain(text))]


def content(text: str) -> list[str]:
    """The words that can carry a value."""
    return [word for word in words(text) if word not in FILLERS]


@lru_cache(maxsize=_KEPT)
def root(word: str) -> str:
    """A word without its endings, so that "teaches", "teacher" and "teaching" agree; at least 3 letters."""
    shortened = True
    while shortened:
        shortened = False
        for ending in _ENDINGS:
            if ending == "s" and word.endswith("ss"):
                continue  # "chess" is no plural
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
                word, shortened = word.removesuffix(ending), True
                break
    return word[:-1] if len(word) > _SHORTEST_ROOT and word[-2:] in _DOUBLED else word


@lru_cache(maxsize=_KEPT)
def same_word(first: str, second: str) -> bool:
    """Whether two words are forms of one word, or one differs from the other by a slip of one letter.

    The first letter is no slip: "sailor" is not "tailor", nor "growing" "rowing".
    """
    if first == second or root(first) == root(second):
        return True
    may_be_a_slip = (
        first[0] == second[0] and min(len(first), len(second)) >= 6 and abs(len(first) - len(second)) <= 1
    )
    return may_be_a_slip and distance(first, second) == 1


def distance(first: str, second: str) -> int:
    """How many letters have to be put in, left out or exchanged to turn one word into another."""
    row = list(range(len(second) + 1))
    for number, letter in enumerate(first, start=1):
        before, row = row, [number]
        for place_of_other, other in enumerate(second, start=1):
            changed = before[place_of_other - 1] + (letter != other)
            row.append(min(changed, before[place_of_other] + 1, row[-1] + 1))
    return row[-1]


def shared(wanted: list[str], given: list[str]) -> list[str]:
    """Those of `wanted` that `given` has in some form, or in two words or one ("lock smith")."""
    joined = [one + other for one, other in itertools.pairwise(given)]
    halves = [one + other for one, other in itertools.pairwise(wanted)]
    present = []
    for number, word in enumerate(wanted):
        pairs = halves[max(0, number - 1) : number + 1]
        is_there = any(same_word(word, other) for other in (*given, *joined))
        if is_there or any(pair in given for pair in pairs) or _is_made_of(word, given):
            present.append(word)
    return present


def _is_made_of(word: str, given: list[str]) -> bool:
    """Whether a word is two of the given ones put together, in any order: "stone", "mason"."""
    return any(word.startswith(one) and word[len(one) :] in given for one in given if len(one) > 2)


def rest(given: list[str], *known_words: list[str]) -> list[str]:
    """Those of `given` that are in none of the other lists in some form."""
    others = [word for one in known_words for word in one]
    joined = [one + other for one, other in itertools.pairwise(given)]
    left = []
    for number, word in enumerate(given):
        pairs = joined[max(0, number - 1) : number + 1]
        if not any(same_word(word, other) for other in others) and not any(p in others for p in pairs):
            left.append(word)
    return left


def proper_names(text: str) -> list[str]:
    """Capitalised words that do not open a sentence, plain; names of people, places and pets."""
    inside = re.findall(r"(?<![.!?:]\s)(?<!^)(?<!\w)([^\W\d_a-z][^\W\d_]+)", text)
    return [word for one in inside for word in words(one)]
