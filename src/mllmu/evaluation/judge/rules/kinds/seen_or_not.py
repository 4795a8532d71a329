"""What somebody wears or has in a face, or has not: glasses, a beard."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.kinds.phrases import compare_phrases
from mllmu.evaluation.judge.rules.texts import plain
from mllmu.evaluation.judge.verdicts import JudgeVerdict

#: Attributes that somebody may be without.
SEEN_OR_NOT = ("glasses", "beard")
_ABOUT = re.compile(
    r"\b(?:(?:sun)?glass(?:es)?|spectacles|beard(?:ed)?|m(?:o)?ustache|facial hair|goatee|stubble)\b"
)
_KIND = re.compile(r"\b(beard|goatee|stubble)(?:ed|s)?\b|\bm(?:o)?(ustache)\b")
_WITHOUT = re.compile(r"\b(?:no|not|none|never|without|neither|clean[- ]shaven|[a-z]+n't|bare|beardless)\b")
_YES = re.compile(r"^\W*yes\b")


def compare_seen_or_not(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; first whether there is anything, then what it is."""
    text = plain(said)
    is_without = _WITHOUT.search(text) is not None
    if not (is_without or _YES.search(text) or _ABOUT.search(text)):
        return JudgeVerdict(2, "tells neither that there is any nor that there is none")
    if is_without != (_WITHOUT.search(plain(value)) is not None):
        return JudgeVerdict(3, "the opposite")
    if is_without or _YES.search(text):
        return JudgeVerdict(10, "rightly says whether there is any")
    kinds, wanted_kinds = _kinds(text), _kinds(plain(value))
    if kinds and wanted_kinds and not kinds & wanted_kinds:
        return JudgeVerdict(5, "rightly says that there is some, but of another kind")
    compared = compare_phrases(value, said, question)
    return JudgeVerdict(max(compared.score, 8), "rightly says that there is some")


def _kinds(text: str) -> set[str]:
    """The kinds of facial hair that a text names."""
    return {next(filter(None, groups)) for groups in _KIND.findall(text)}
