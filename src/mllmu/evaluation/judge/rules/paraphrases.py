"""Descriptions of values, words more general than a value, and words of one role, from ``paraphrases.json``.

The lists were made by going over the values that generated people have, and over the development pairs of the
calibration that the rules had got wrong.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.texts import content, rest, root, words
from mllmu.evaluation.judge.rules.word_lists import GENERAL

_TABLES: dict[str, Any] = json.loads(
    files(__package__).joinpath("paraphrases.json").read_text(encoding="utf-8")
)
_ROLES: dict[str, int] = {root(word): number for number, role in enumerate(_TABLES["roles"]) for word in role}


def is_described(value: str, said: str) -> bool:
    """Whether an answer describes a value in other words: "delivers babies" for a midwife."""
    given = set(words(in_one_wording(said)))
    roots = {root(word) for word in given}
    for description in _TABLES["described"].get(_key(value), ()):
        described = words(in_one_wording(description))
        # One word alone has to be that very word: "birder" and "birds" share a root.
        if set(described) <= given or (len(described) > 1 and {root(word) for word in described} <= roots):
            return True
    return False


def is_generalised(value: str, said: str, question: str) -> bool:
    """Whether an answer gives no more than a more general word for a value: "a bird" for a parrot."""
    given = rest(content(in_one_wording(said)), content(in_one_wording(question)))
    general = [word for word, values in _TABLES["general"].items() if _key(value) in values]
    general_words = [word for word in given if word in general or word.removesuffix("s") in general]
    return bool(general_words) and all(word in general_words or word in GENERAL for word in given)


def role_of(word: str) -> int | None:
    """The number of the role that a word names or tells, so that "sells" and "merchant" agree."""
    return _ROLES.get(root(word))


def _key(value: str) -> str:
    return in_one_wording(value) if value.startswith("a ") else in_one_wording(value).removeprefix("an ")
