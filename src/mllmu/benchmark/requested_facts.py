"""What of the people to forget is to be forgotten: everything about them, or some facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mllmu.benchmark.types import Benchmark, Profile, Question, Split, TrainingQuestion
from mllmu.errors import UserError
from mllmu.suggest import unknown


def requesting(split: Split, attributes: Sequence[str], benchmark: Benchmark) -> Split:
    """A split whose people are asked to be forgotten in some facts alone.

    Args:
        split: whom the request is about.
        attributes: what of them is to be forgotten, in any order; everything where there are none.
        benchmark: the people.

    Raises:
        UserError: a question about the people to forget does not say what it asks, an attribute does not
            exist, or it was never taught about them.

    Example:
        ::

            split = requesting(benchmark.splits[10], ["profession"], benchmark)
    """
    if not attributes:
        return split
    people = [benchmark.profiles[one] for one in split.forget if one in benchmark.profiles]
    for question in (question for person in people for question in _questions(person)):
        if not question.attribute:
            raise UserError(
                f"benchmark {benchmark.name!r} does not say what the question {_text(question)!r} about "
                f"{question.profile_id!r} asks; expected an attribute of every question about the people "
                "to forget, to forget some facts alone"
            )
    require_attributes(
        attributes,
        (one.attribute for each in benchmark.profiles.values() for one in _questions(each) if one.attribute),
    )
    for attribute in attributes:
        if not any(one.attribute == attribute for person in people for one in person.training_questions):
            raise UserError(
                f"no training question about the people to forget asks for {attribute!r}, so there is "
                "nothing of it to forget; expected attributes that they were taught"
            )
    return replace(split, attributes=tuple(sorted(set(attributes))))


def require_attributes(attributes: Iterable[str], existing: Iterable[str]) -> None:
    """Refuse attributes that nobody has.

    Args:
        attributes: what is to be forgotten.
        existing: what there is, in the order to name it in; repeated ones count once.

    Raises:
        UserError: naming the first that does not exist, and those that do.
    """
    names = list(dict.fromkeys(existing))
    for attribute in attributes:
        if attribute not in names:
            raise unknown("attribute to forget", attribute, names)


def _questions(person: Profile) -> Iterator[Question | TrainingQuestion]:
    """All that is taught and asked about a person."""
    yield from person.training_questions
    yield from person.questions
    yield from person.test_questions


def _text(question: Question | TrainingQuestion) -> str:
    return question.text if isinstance(question, Question) else question.question
