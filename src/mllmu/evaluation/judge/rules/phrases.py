"""Values that are words: jobs, hobbies, food, and whatever has no rule of its own."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.stance import hedges
from mllmu.evaluation.judge.rules.texts import content, rest, root, shared
from mllmu.evaluation.judge.rules.word_lists import GENERAL
from mllmu.evaluation.judge.verdicts import Verdict


def compare_phrases(value: str, said: str, question: str) -> Verdict:
    """See `rule_judge.Comparer`; the last word of the value says what it is, those before it which."""
    wanted, given, asked = (content(in_one_wording(text)) for text in (value, said, question))
    wanted = wanted or in_one_wording(value).split()
    matched = shared(wanted, given)
    further = rest(given, wanted, asked)
    if len(matched) == len(wanted):
        return Verdict(10, "the right value")
    if not matched:
        if not given or not further:
            return Verdict(2, "tells no value")
        if all(word in GENERAL for word in further) and not hedges(said):
            return Verdict(5, "something general in place of the value")
        return Verdict(3, "another value")
    if all(root(word) == root(wanted[-1]) for word in matched):
        if not further:
            return Verdict(7, f"right, but only '{wanted[-1]}'")
        return Verdict(4, f"right in '{wanted[-1]}', another kind of it")
    if further:
        return Verdict(4, f"shares '{' '.join(matched)}' with the right value")
    return Verdict(7, f"right, but only '{' '.join(matched)}'")


def compare_sets(value: str, said: str, question: str) -> Verdict:
    """`compare_phrases` for what a person may have several of: a second one named beside it is wrong."""
    verdict = compare_phrases(value, said, question)
    if verdict.score < 10:
        return verdict
    wanted, asked = content(in_one_wording(value)), content(in_one_wording(question))
    for part in re.split(r"\band\b|,|\bas well as\b|\bplus\b", in_one_wording(said))[1:]:
        further = rest(content(part), wanted, asked)
        if further and not shared(wanted, content(part)):
            return Verdict(7, "the right value beside a further one")
    return verdict
