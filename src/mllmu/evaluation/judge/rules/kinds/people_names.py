"""Names of people: given name and family name, in either order."""

from __future__ import annotations

import re
from collections import Counter

from mllmu.evaluation.judge.rules.texts import (
    content,
    distance,
    plain,
    proper_names,
    rest,
    words,
)
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_FAR = 3


def compare_names(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; each part of the name counts, a slip of one letter hardly."""
    wanted, given = _parts(value), _parts(said)
    if not set(wanted) <= set(given):  # whose name is asked for is no part of the answer
        given = list((Counter(given) - Counter(_parts(question))).elements())
    off = [min((distance(part, word) for word in given), default=_FAR + 1) for part in wanted]
    exact = sum(one == 0 for one in off)
    close = sum(one <= _allowed(part) for one, part in zip(off, wanted, strict=True))
    joined = re.sub(r"(?<=\w)-(?=\w)", "", said)
    capitals = set(proper_names(joined)) | _only_word(joined)
    others = [word for word in rest(content(joined), wanted, content(question)) if word in capitals]
    if exact == len(wanted):
        if len(others) > 0 and " as " in said:
            return JudgeVerdict(8, "the right name beside another")
        return JudgeVerdict(10, "the right name")
    if close == len(wanted):
        return JudgeVerdict(9, "the right name with a slip of spelling")
    if close and any(_allowed(part) < one <= _FAR for one, part in zip(off, wanted, strict=True)) and others:
        is_near = max(one for one in off if one > 0) <= 2
        return JudgeVerdict(6 if is_near else 5, "one part of the name, the other one misspelt")
    if close:
        return JudgeVerdict(5, "one part of the name beside another one") if others else _PART
    return JudgeVerdict(3, "another name") if len(others) > 1 else JudgeVerdict(2, "tells no name")


def _parts(text: str) -> list[str]:
    """The words of a text, those with a hyphen as one: "Min-seo" holds no "Seo"."""
    joined = re.sub(r"(?<=\w)-(?=\w)", "", plain(text))
    return words(joined)


def _allowed(part: str) -> int:
    """Slips that leave a name the same one."""
    return 1 if len(part) >= 5 else 0


def _only_word(said: str) -> set[str]:
    """The words of an answer that is no sentence: there, the first one may be a name."""
    return set(words(said)) if len(words(said)) <= 3 else set()


_PART = JudgeVerdict(7, "one part of the name, the other left out")
