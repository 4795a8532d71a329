"""Pets: which animal, and what it is called."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.paraphrases import is_generalised
from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.texts import content, proper_names, rest, shared, words
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_NAMED = re.compile(r"\b(?:named|called)\b")
_NAMED_WORD = re.compile(r"\b(?:named|called)\W+(\w+)", re.I)
_CAPITALISED = re.compile(r"(?<!\w)[^\W\d_a-z]\w*")
_BETWEEN_PETS = re.compile(r"\band\b|;|(?<=[.!])\s")


def compare_pets(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the animal and its name count each, of the same pet."""
    if len(_NAMED.findall(said)) > 1:
        pets = (_compare_pet(value, part, question) for part in _BETWEEN_PETS.split(said))
        return max(pets, key=lambda one: one.score)
    return _compare_pet(value, said, question)


def _compare_pet(value: str, said: str, question: str) -> JudgeVerdict:
    parts = _NAMED.split(in_one_wording(value), maxsplit=1)
    animal, name = content(parts[0]), words(parts[1]) if len(parts) > 1 else []
    given = content(in_one_wording(said))
    has_animal = len(shared(animal, content(in_one_wording(_NAMED_WORD.sub("", said))))) == len(animal)
    has_name = bool(name) and len(shared(name, _names(said))) == len(name)
    left = rest(given, animal, name, content(in_one_wording(question)))
    names = [word for word in left if word in proper_names(said)]
    if has_animal and (has_name or not name):
        return JudgeVerdict(10, "the right animal" + (" and name" if name else ""))
    if has_animal:
        return (
            JudgeVerdict(6, "the right animal, another name")
            if names
            else JudgeVerdict(8, "the animal without its name")
        )
    if has_name:
        return (
            JudgeVerdict(5, "the right name, another animal")
            if left
            else JudgeVerdict(7, "the name without the animal")
        )
    if is_generalised(" ".join(animal), said, question):
        return JudgeVerdict(6, "a more general word for the animal")
    if left:
        return JudgeVerdict(3, "another pet")
    return (
        JudgeVerdict(5, "that there is one, but not which")
        if "yes" in words(said)
        else JudgeVerdict(2, "tells no pet")
    )


def _names(said: str) -> list[str]:
    """The words that may be a pet's name: capitals, what follows "named", or any without capitals."""
    capitals = _CAPITALISED.findall(said)
    return words(" ".join(capitals + _NAMED_WORD.findall(said))) if capitals else words(said)
