"""Values that are words: jobs, hobbies, food, and whatever has no rule of its own."""

from __future__ import annotations

import itertools
import re

from mllmu.evaluation.judge.rules.paraphrases import is_described, is_generalised, role_of
from mllmu.evaluation.judge.rules.same_meaning import in_one_wording
from mllmu.evaluation.judge.rules.stance import hedges
from mllmu.evaluation.judge.rules.texts import content, rest, root, same_word, shared, words
from mllmu.evaluation.judge.rules.word_lists import FILLERS, GENERAL
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_EMPTY_HEADS = frozenset({"worker", "disease", "person"})


def compare_phrases(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the last word of the value says what it is, those before it which."""
    wanted, given, asked = (content(in_one_wording(text)) for text in (value, said, question))
    wanted = _without_heads(wanted) or in_one_wording(value).split()
    matched = shared(wanted, given)
    further = rest(given, wanted, asked)
    if len(matched) == len(wanted):
        return JudgeVerdict(10, "the right value")
    if is_described(value, said):
        return JudgeVerdict(9, "the right value, described")
    if is_generalised(value, said, question):
        return JudgeVerdict(7, "something more general than the value")
    if matched == wanted[:-1] and _same_role(wanted[-1], given):
        return JudgeVerdict(9, "the right value, told by what it does")
    if not matched:
        if not given or not further:
            return JudgeVerdict(2, "tells no value")
        if all(word in GENERAL for word in further) and not hedges(said):
            return JudgeVerdict(5, "something general in place of the value")
        return JudgeVerdict(3, "another value")
    if all(root(word) == root(wanted[-1]) for word in matched):
        if not further:
            return JudgeVerdict(7, f"right, but only '{wanted[-1]}'")
        return JudgeVerdict(5, f"right in '{wanted[-1]}', another kind of it")
    if further:
        return JudgeVerdict(4, f"shares '{' '.join(matched)}' with the right value")
    return JudgeVerdict(7, f"right, but only '{' '.join(matched)}'")


def _without_heads(wanted: list[str]) -> list[str]:
    """A value without a last word that says nothing: "worker" of "postal worker"."""
    return wanted[:-1] if len(wanted) > 1 and wanted[-1] in _EMPTY_HEADS else wanted


def _same_role(head: str, given: list[str]) -> bool:
    role = role_of(head)
    return role is not None and any(role_of(word) == role for word in given)


def compare_sets(value: str, said: str, question: str) -> JudgeVerdict:
    """`compare_phrases` for what a person may have several of: a second one named beside it is wrong."""
    verdict = compare_phrases(value, said, question)
    if verdict.score < 10:
        return _of_activity(value, said, verdict)
    wanted, asked = content(in_one_wording(value)), content(in_one_wording(question))
    for part in re.split(r"\band\b|,|\bas well as\b|\bplus\b", in_one_wording(said))[1:]:
        further = rest(content(part), wanted, asked)
        if further and not shared(wanted, content(part)):
            return JudgeVerdict(7, "the right value beside a further one")
    return verdict


def _of_activity(value: str, said: str, verdict: JudgeVerdict) -> JudgeVerdict:
    """The verdict on an activity ("solving crosswords") whose object alone is told, which tells it well."""
    wanted, given = content(in_one_wording(value)), content(in_one_wording(said))
    matched = shared(wanted, given)
    if len(wanted) == 2 and len(matched) == 1 and matched[0].endswith("ing") and verdict.score == 5:
        return JudgeVerdict(4, f"'{matched[0]}', but something else")
    if len(wanted) > 2 and len(matched) == 1 and verdict.score == 5:
        return JudgeVerdict(4, f"'{matched[0]}', but something else")
    if len(wanted) == 2 and wanted[0].endswith("ing") and matched == wanted[1:]:
        if _has_other_verb(wanted[1], words(in_one_wording(said))):
            return JudgeVerdict(4, f"'{wanted[1]}', but something else is done with it")
        return JudgeVerdict(max(verdict.score, 7), f"'{wanted[1]}', without what is done with it")
    return verdict


def _has_other_verb(thing: str, said: list[str]) -> bool:
    """Whether a word of its own, in the form of a verb, stands right before a thing: "drinks beer"."""
    return any(
        same_word(word, thing) and before not in FILLERS and before.endswith(("s", "ing"))
        for before, word in itertools.pairwise(said)
    )
