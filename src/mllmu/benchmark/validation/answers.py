"""Answers: not given away by the question, and the same whenever the same is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mllmu.benchmark.attributes import asked_attribute
from mllmu.benchmark.findings import Check, Finding, Place, Severity
from mllmu.benchmark.load_report import training_key
from mllmu.benchmark.types import Benchmark, Profile, Question, TrainingQuestion
from mllmu.benchmark.validation.people import asked, everybody
from mllmu.benchmark.validation.wording import contains, plain, template

_SEVERAL = frozenset({"hobby", "pet", "favorite_food"})
"""Attributes of which somebody has more than one, or that are asked about from several sides."""


def answers_in_questions(benchmark: Benchmark, places: Mapping[str, Place]) -> Iterator[Finding]:
    """Find questions whose true value stands in them.

    "Is this person male or female?" gives nothing away: another option stands in it too.
    """
    for _, question in asked(benchmark):
        others = [text for letter, text in question.options.items() if letter != question.correct_option]
        if contains(question.text, question.value) and not any(
            contains(question.text, other) for other in others
        ):
            yield Finding(
                Severity.WARNING,
                Check.ANSWER_IN_QUESTION,
                places[question.question_id],
                f"{question.text!r} contains its answer {question.value!r}",
                "a question that does not give it away",
            )


def conflicting_answers(benchmark: Benchmark, places: Mapping[str, Place]) -> Iterator[Finding]:
    """Find questions about one person that are asked twice and answered differently.

    Evaluation questions are the same if they are worded alike in the same task. Training questions are the
    same already if they ask for the same attribute ("the occupation of his father", "what his father does").
    Where the benchmark states attributes, answers conflict if the biography's values in one are not those in
    the other; where it does not, as the released one, all differing answers are for somebody to look at.
    """
    for person in everybody(benchmark):
        yield from _evaluated(person, places)
        yield from _taught(person, places)


def _evaluated(person: Profile, places: Mapping[str, Place]) -> Iterator[Finding]:
    first: dict[tuple[object, ...], Question] = {}
    for question in (*person.questions, *person.test_questions):
        key = (question.task, question.modality, template(question.text, person))
        known = first.setdefault(key, question)
        if question.answerable and known.answerable and plain(known.answer) != plain(question.answer):
            found = f"{question.text!r} has the answers {known.answer!r} and {question.answer!r}"
            place = places[question.question_id]
            yield Finding(Severity.ERROR, Check.CONFLICTING_ANSWERS, place, found, "one answer")


def _taught(person: Profile, places: Mapping[str, Place]) -> Iterator[Finding]:
    groups: dict[str, list[tuple[int, TrainingQuestion]]] = defaultdict(list)
    for number, pair in enumerate(person.training_questions):
        attribute = asked_attribute(pair)
        several = not attribute or (attribute in _SEVERAL and not pair.attribute)
        groups[template(pair.question, person) if several else attribute].append((number, pair))
    values = [*_texts(person.biography), *(question.value for question in person.questions)]
    for (_, known), *more in groups.values():
        for number, pair in more:
            if pair.attribute and not _disagree(pair.answer, known.answer, values):
                continue
            if plain(pair.answer) != plain(known.answer):
                yield Finding(
                    Severity.ERROR if pair.attribute else Severity.WARNING,
                    Check.CONFLICTING_ANSWERS,
                    places[training_key(person.profile_id, number)],
                    f"{pair.question!r} is taught {pair.answer!r}, and {known.question!r} {known.answer!r}",
                    "one answer",
                )


def _disagree(one: str, other: str, values: Sequence[str]) -> bool:
    # "This person has no pets" and "does not own a pet" hold no value: nothing shows that they differ.
    sides = [{value for value in values if contains(text, value)} for text in (one, other)]
    return any(sides) and sides[0].isdisjoint(sides[1])


def _texts(value: object) -> Iterator[str]:
    """All texts of a biography, nested ones included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts(entry)
