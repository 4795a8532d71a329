"""Whether a clause of an answer is about what was asked, or about something or somebody else."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.stance import clauses
from mllmu.evaluation.judge.rules.texts import plain

_SIGNS = {
    "birth": r"\bborn\b|\bbirth(?:place)?\b|\bhometown\b|\bnative of\b"
    r"|\bcomes? from\b|\blife began\b",
    "residence": r"\blives?\b(?! as)|\bliving (?:in|at|now)\b"
    r"|\bresid(?:es?|ing|ence)\b|\bsettled\b|\bmoved to\b|\bhome is\b",
    "childhood": r"\bgrew up\b|\bwas raised\b|\bspent (?:his|her|their) childhood\b",
    "education": r"\bstudied\b|\bgraduated\b|\bwent to (?:school|college|university)\b|\beducated\b"
    r"|\bdegree\b",
    "father": r"\b(?:father|dad)\b",
    "mother": r"\b(?:mother|mum|mom)\b",
    "relative": r"(?<![\w-])(?:son|daughter|brother|sister|wife|husband|uncle|aunt"
    r"|grandfather|grandmother)\b",
    "weight": r"\bweigh(?:s|t)?\b",
}
_PATTERNS = {topic: re.compile(signs) for topic, signs in _SIGNS.items()}
_TOPICS: dict[str, set[str]] = {
    "birthplace": {"birth"},
    "date_of_birth": {"birth"},
    "residence": {"residence"},
    "education": {"education"},
    "father_job": {"father"},
    "mother_job": {"mother"},
}
_ABOUT_THE_PERSON = re.compile(r"\b(?:himself|herself|themselves)\b")
_SECOND_BEST = re.compile(r"\bbut\b.*\b(?:favou?rite|best|most)\b")
_NOW, _PAST = re.compile(r"\bnow\b|\bthese days\b|\btoday\b"), re.compile(r"\b(?:was|were|had been) an?\b")
_FORMER = re.compile(r"\b(?:used to|formerly|once was|previously|in the past|first)\b")


def split_by_topic(text: str, attribute: str) -> tuple[str, str]:
    """What of a text is about an attribute, and what is plainly about another one.

    Clauses without a sign of any topic go with the answer: they are what was asked for.
    """
    own: set[str] = _TOPICS.get(attribute, set())
    about: list[str] = []
    beside: list[str] = []
    parts = clauses(text)
    has_now = _NOW.search(plain(text)) is not None
    for number, clause in enumerate(parts):
        words = plain(clause)
        topics = {topic for topic, pattern in _PATTERNS.items() if pattern.search(words)}
        is_other = bool(topics) and not topics & own and _can_stray(attribute)
        is_other |= bool(own & {"father", "mother"}) and _ABOUT_THE_PERSON.search(words) is not None
        is_other |= _FORMER.search(words) is not None and len(parts) > 1
        is_other |= has_now and _PAST.search(words) is not None and _NOW.search(words) is None
        rest_of_text = " ".join(parts[number:])
        is_other |= (
            attribute in ("favorite_food", "hobby")
            and number + 1 < len(parts)
            and (_SECOND_BEST.search(plain(rest_of_text)) is not None and not _SECOND_BEST.search(words))
        )
        (beside if is_other else about).append(clause)
    return " ".join(about), " ".join(beside)


def _can_stray(attribute: str) -> bool:
    """Whether signs of another topic tell something: a name or a hobby may well be told with a school."""
    return attribute in {*_TOPICS, "profession", "height"}
