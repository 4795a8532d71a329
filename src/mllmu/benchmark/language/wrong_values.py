"""What a benchmark says that is plausible about a person, and wrong."""

from __future__ import annotations

import re

from mllmu.benchmark.language.answer_parts import occurrences
from mllmu.benchmark.language.articles import article_for
from mllmu.benchmark.types import Profile, Question

_ARTICLE = re.compile(r"\b(a)n? $", re.IGNORECASE)


def wrong_values(profile: Profile, attribute: str, value: str) -> tuple[str, ...]:
    """The wrong options of a person's multiple-choice questions about a fact, each once.

    Questions are about it if they say that they are about the attribute, or if their true option states the
    value where they do not say what they are about.

    Args:
        profile: whom the fact is about.
        attribute: what it is; empty where the benchmark does not say.
        value: the true value; empty if not known.
    """
    wrong = [
        text
        for question in profile.questions
        if _is_about(question, attribute, value) and question.answerable
        for letter, text in question.options.items()
        if letter != question.correct_option and text.casefold() != value.casefold()
    ]
    return tuple(dict.fromkeys(wrong))


def with_value(answer: str, value: str, other: str) -> str:
    """An answer that states another value, with the article that this asks for.

    Args:
        answer: what states the value.
        value: as it stands there as whole words, without regard to case; else the answer stays as it is.
        other: what to put in its place.

    Example:
        >>> with_value("Ada Berg works as a nurse.", "nurse", "engineer")
        'Ada Berg works as an engineer.'
    """
    for start, end in reversed(list(occurrences(value, answer))):
        fitting = rf"\g<1>{article_for(other)[1:]} "
        answer = _ARTICLE.sub(fitting, answer[:start]) + other + answer[end:]
    return answer


def _is_about(question: Question, attribute: str, value: str) -> bool:
    if question.attribute:
        return question.attribute == attribute
    return any(occurrences(value, question.answer))
