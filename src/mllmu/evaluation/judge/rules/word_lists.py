"""Lists of words that the rules know, from ``word_lists.json``."""

from __future__ import annotations

import json
from importlib.resources import files

_LISTS: dict[str, list[str]] = json.loads(
    files(__package__).joinpath("word_lists.json").read_text(encoding="utf-8")
)

#: Words that carry no value by themselves: grammar, and the verbs by which answers begin.
FILLERS = frozenset(_LISTS["fillers"])
#: Words that say what somebody does or likes without saying which: right of many values at once.
GENERAL = frozenset(_LISTS["general"])
#: Countries of the world by their usual names, plain.
COUNTRIES = tuple(_LISTS["countries"])
#: Directions, parts of the world, and what is said around a place.
REGIONS = frozenset(_LISTS["regions"])
SCHOOL_KINDS = frozenset(_LISTS["school_kinds"])
#: What is said around a school.
SCHOOL_FILLERS = frozenset(_LISTS["school_fillers"])
