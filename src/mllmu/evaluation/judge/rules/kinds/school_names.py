"""Schools: which one it is, and what kind."""

from __future__ import annotations

import itertools

from mllmu.evaluation.judge.rules.kinds.phrases import compare_phrases
from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.texts import rest, root, shared, words
from mllmu.evaluation.judge.rules.word_lists import COUNTRIES, SCHOOL_FILLERS, SCHOOL_KINDS
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_OF_COUNTRIES = {word for country in COUNTRIES for word in country.split()}
_KIND_ROOTS = {root(word) for word in SCHOOL_KINDS}


def compare_schools(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the name that tells a school from others counts most, then its kind."""
    wanted = [word for word in words(in_one_wording(value)) if word not in SCHOOL_FILLERS]
    given = [word for word in words(in_one_wording(said)) if word not in SCHOOL_FILLERS]
    names, kinds = _parted(wanted)
    given_names, given_kinds = _parted(given)
    if not names:
        return compare_phrases(value, said, question)
    matched = shared(names, given_names)
    same_kinds = shared(kinds, given_kinds)
    other_kinds = rest(given_kinds, kinds)
    others = rest(given_names, names, words(question))
    if len(matched) == len(names):
        if _has_other_name(words(said), names, words(question)):
            return JudgeVerdict(4, "another school of the same city")
        if len(same_kinds) == len(kinds):
            return JudgeVerdict(10, "the right school")
        if other_kinds:
            return JudgeVerdict(4, "another school of the same name")
        return JudgeVerdict(9 if not _is_place(said, names) else 7, "the name of the school without its kind")
    if matched:
        return JudgeVerdict(4, "part of the name of the school")
    if others and all(word in _OF_COUNTRIES for word in others) and _is_place(said, others):
        return JudgeVerdict(6 if same_kinds else 5, "the country of the school")
    if others:
        return JudgeVerdict(4 if len(kinds) > 1 and len(same_kinds) == len(kinds) else 3, "another school")
    if same_kinds:
        return JudgeVerdict(5, "the kind of school without its name")
    return JudgeVerdict(2, "tells no school")


def _parted(school: list[str]) -> tuple[list[str], list[str]]:
    """The words that name a school, and those that say of what kind it is."""
    names = [word for word in school if root(word) not in _KIND_ROOTS]
    return names, [word for word in school if root(word) in _KIND_ROOTS]


def _is_place(said: str, names: list[str]) -> bool:
    """Whether a name stands for the city: "in Bonn", where "at McGill" is the school."""
    said_words = words(said)
    return any(before == "in" and word in names for before, word in itertools.pairwise(said_words))


def _has_other_name(said: list[str], names: list[str], asked: list[str]) -> bool:
    """Whether a kind of school has another name right before it: "Kenyatta University in Nairobi"."""
    named = [before for before, word in itertools.pairwise(said) if word in SCHOOL_KINDS]
    others = [word for word in named if word not in SCHOOL_FILLERS and root(word) not in _KIND_ROOTS]
    return bool(rest(others, names, asked)) and not shared(names, others)
