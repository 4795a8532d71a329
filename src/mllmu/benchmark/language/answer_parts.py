"""Which characters of an answer repeat the question, which state the fact, and which do neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum

from mllmu.benchmark.language.word_boundaries import WITHOUT_BLANKS, standing_alone
from mllmu.benchmark.types import Profile

_CHARACTER = re.compile(f"[{WITHOUT_BLANKS}]")
_WORD = re.compile(rf"[{WITHOUT_BLANKS}]|[^\W_{WITHOUT_BLANKS}]+")
_BESIDE = re.compile(rf"[^\W_{WITHOUT_BLANKS}]")
# "is" or "of" in both is chance; "height", "An Li" and "this person" are repeated.
_LEAST_LETTERS = 4
_LEAST_VALUE = 2
_OR_BEFORE, _OR_AFTER = (
    re.compile(r"\bor(?: an?| the)? $", re.IGNORECASE),
    re.compile(r",? or\b", re.IGNORECASE),
)


class AnswerPart(str, Enum):
    """What a part of an answer does.

    Attributes:
        ECHO: repeats the question.
        VALUE: states what was asked for.
        TEMPLATE: everything else that is written.
        END: the token after the last word.
    """

    ECHO = "echo"
    VALUE = "value"
    TEMPLATE = "template"
    END = "end"


def character_parts(question: str, answer: str, value: str) -> list[AnswerPart]:
    """What each character of an answer does.

    An echo is a run of words that stand next to each other in the question too, without regard to case and
    punctuation, and have at least four letters or digits together; a character of a script without blanks
    counts as a word of two letters. A value that the question states as well is an echo, unless it is one of
    those between which the question lets choose ("male or female"); else it is the value even where its words
    are the question's.

    Args:
        question: what was asked, with the name if it was asked by name.
        answer: the answer to it.
        value: what the answer states, as it stands in there without regard to case; empty if not known.

    Returns:
        One part per character of the answer; never ``END``.

    Example:
        >>> parts = character_parts("How tall is Ada Berg?", "Ada Berg is 170 cm tall.", "170 cm")
        >>> "".join(part.value[0] for part in parts)
        'eeeeeeeettttvvvvvvteeeet'
    """
    parts = [AnswerPart.TEMPLATE] * len(answer)
    for start, end in _echoes(question, answer):
        parts[start:end] = [AnswerPart.ECHO] * (end - start)
    for start, end in occurrences(value, answer) if _is_news(value, question) else ():
        parts[start:end] = [AnswerPart.VALUE] * (end - start)
    return parts


def stated_value(profile: Profile, attribute: str, question: str, answer: str) -> str:
    """The longest true value that an answer about a person states; empty where none is known.

    It is the value of the person's evaluation questions about the attribute. Where there is none, it is the
    longest entry of the biography that stands in the answer and is news to who asks.

    Args:
        profile: whom the answer is about.
        attribute: what was asked about; empty where the benchmark does not say.
        question: what was asked, word for word.
        answer: the answer to it.
    """
    values = {item.value for item in profile.questions if attribute and item.attribute == attribute}
    stated = [value for value in values if any(occurrences(value, answer))]
    if stated:
        return max(stated, key=lambda value: (len(value), value))
    entries = [profile.name, *_entries(profile.biography)]
    new = [one for one in entries if any(occurrences(one, answer)) and _is_news(one, question)]
    return max(new, key=lambda value: (len(value), value), default="")


def _is_news(value: str, question: str) -> bool:
    """Whether a question does not state a value, or lets choose between it and another one."""
    stated = list(occurrences(value, question))
    return not stated or any(
        _OR_BEFORE.search(question[:start]) or _OR_AFTER.match(question, end) for start, end in stated
    )


def _echoes(question: str, answer: str) -> Iterator[tuple[int, int]]:
    """Spans of the answer that repeat a run of the question's words; they may overlap."""
    words = list(_WORD.finditer(answer))
    spelled = [word.group().casefold() for word in words]
    asked = [word.casefold() for word in _WORD.findall(question)]
    before = [0] * (len(asked) + 1)
    for end, word in enumerate(spelled):
        # Longest run that ends at this word of the answer and at each word of the question.
        runs = [0] + [before[at] + 1 if word == other else 0 for at, other in enumerate(asked)]
        start = end + 1 - max(runs)
        if sum(map(_letters, spelled[start : end + 1])) >= _LEAST_LETTERS:
            yield words[start].start(), words[end].end()
        before = runs


def _letters(word: str) -> int:
    return 2 if _CHARACTER.fullmatch(word) else len(word)


def occurrences(value: str, answer: str) -> Iterator[tuple[int, int]]:
    """Spans of an answer that are the value, as whole words and in any case; none of values of one letter."""
    wanted = value.strip()
    if len(wanted) >= _LEAST_VALUE:
        yield from standing_alone(re.compile(re.escape(wanted), re.IGNORECASE), answer, _BESIDE)


def _entries(biography: object) -> Iterator[str]:
    """All texts and numbers at the ends of a biography, however deep."""
    if isinstance(biography, Mapping):
        for entry in biography.values():
            yield from _entries(entry)
    elif isinstance(biography, (list, tuple)):
        for entry in biography:
            yield from _entries(entry)
    elif isinstance(biography, (str, int, float)) and not isinstance(biography, bool):
        yield str(biography)
