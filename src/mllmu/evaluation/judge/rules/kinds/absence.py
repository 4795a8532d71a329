"""Values that say that there is nothing: no pet, no medical condition."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.stance import split_denied
from mllmu.evaluation.judge.rules.texts import content, plain
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_ABSENT = re.compile(r"^(?:none|no|nothing|n/a|na|no (?:pets?|known |medical )[a-z ]*|without .*|healthy)$")
_MAY_BE_ABSENT = ("pet", "medical_conditions")
_SAYS_SO = re.compile(
    r"\b(?:no|none|not|never|n't|without|nothing|[a-z]+n't|lacks|free of|healthy)\b|\bgood health\b|\bfit\b"
)
# "Has asthma", "owns a cat"; but not "has good health", nor "has no pets".
_HAS_SOME = re.compile(
    r"\b(?:has|have|had|owns?|keeps?|suffers? from|diagnosed with|struggles? with)\s+"
    r"(?:(?:a|an|the|her|his|their|any|mild|chronic|severe)\s+)*"
    r"(?!(?:no|not|none|nothing|never|neither|always|been|good|great|excellent|perfect|fine|full|strong|robust"
    r"|clean|fit|healthy|in|up|to)\b)[a-z]"
)
_DENIES_SO = re.compile(r"\bnot (?:healthy|fit|well|in good health)\b|\bunhealthy\b")


def is_absent(value: str, answer: str, attribute: str) -> bool:
    """Whether the truth is that there is nothing, by its value, or else by its sentence."""
    if value:
        return _ABSENT.match(plain(value)) is not None
    return attribute in _MAY_BE_ABSENT and _SAYS_SO.search(plain(answer)) is not None


def compare_absence(said: str) -> JudgeVerdict:
    """What an answer tells where the truth is that there is nothing.

    It may say that there is something, and deny something else of it: "has a dog, and not a cat".
    """
    text = plain(said)
    affirmed, _ = split_denied(text)
    if _SAYS_SO.search(text) and not _DENIES_SO.search(text) and not _HAS_SOME.search(affirmed):
        return JudgeVerdict(10, "rightly says that there is nothing")
    if not content(said):
        return JudgeVerdict(3, "says that there is something")
    return JudgeVerdict(3, "names something where there is nothing")
