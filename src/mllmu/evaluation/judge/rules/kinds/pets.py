"""Pets: which animal, and what it is called."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.paraphrases import is_generalised
from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.texts import content, proper_names, rest, shared, words
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_NAMED = re.compile(r"\b(?:named|called)\b")


def compare_pets(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the animal and its name count each."""
    parts = _NAMED.split(in_one_wording(value), maxsplit=1)
    animal, name = content(parts[0]), words(parts[1]) if len(parts) > 1 else []
    given = content(in_one_wording(said))
    has_animal = len(shared(animal, given)) == len(animal)
    has_name = bool(name) and len(shared(name, words(said))) == len(name)
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
