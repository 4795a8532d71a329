"""Checks of answers: none is contained in its question, and equal questions have equal answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mllmu.benchmark.iteration import asked, evaluated, everybody
from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.benchmark.load_report import training_key
from mllmu.benchmark.types import Benchmark, Profile, Question, TrainingQuestion
from mllmu.benchmark.validation.text_comparison import contains, plain, same_answer, template
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue

_SEVERAL = frozenset({"hobby", "pet", "favorite_food"})
"""Attributes of which somebody has more than one, or that are asked about from several sides."""
_PLACE = re.compile(r"^where\b|\b(?:institution|universit|college|school|alma mater)", re.IGNORECASE)


def answers_in_questions(
    benchmark: Benchmark, locations: Mapping[str, Location]
) -> Iterator[ValidationIssue]:
    """Find questions that contain their own correct answer.

    "Is this person male or female?" gives nothing away: another option stands in it too.
    """
    for _, question in asked(benchmark):
        others = [text for letter, text in question.options.items() if letter != question.correct_option]
        if contains(question.text, question.value) and not any(
            contains(question.text, other) for other in others
        ):
            yield ValidationIssue(
                Severity.WARNING,
                Check.ANSWER_IN_QUESTION,
                locations[question.question_id],
                f"{question.text!r} contains its answer {question.value!r}",
                "a question that does not give it away",
            )


def conflicting_answers(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find questions about one person that are asked twice and answered differently.

    Evaluation questions are the same if they are worded alike in the same task. Training questions are the
    same already if they ask for the same attribute ("the occupation of his father", "what his father does").
    Where the benchmark states attributes, answers conflict if the biography's values in one are not those in
    the other; where it does not, as the released one, all differing answers are for somebody to look at.
    """
    for person in everybody(benchmark):
        yield from _evaluated(person, locations)
        yield from _taught(person, locations)


def _evaluated(person: Profile, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    questions_seen: dict[tuple[object, ...], Question] = {}
    for question in evaluated(person):
        key = (question.task, question.modality, template(question.text, person))
        earlier = questions_seen.setdefault(key, question)
        if question.answerable and earlier.answerable and plain(earlier.answer) != plain(question.answer):
            problem = f"{question.text!r} has the answers {earlier.answer!r} and {question.answer!r}"
            location = locations[question.question_id]
            yield ValidationIssue(Severity.ERROR, Check.CONFLICTING_ANSWERS, location, problem, "one answer")


def _taught(person: Profile, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    groups: dict[str, list[tuple[int, TrainingQuestion]]] = defaultdict(list)
    for number, pair in enumerate(person.training_questions):
        attribute = asked_attribute(pair)
        if attribute == "education" and not pair.attribute and _PLACE.search(pair.question):
            attribute = "school"  # where somebody studied is no answer to what they studied
        several = not attribute or (attribute in _SEVERAL and not pair.attribute)
        groups[template(pair.question, person) if several else attribute].append((number, pair))
    values = [*_texts(person.biography), *(question.value for question in person.questions)]
    for (_, first), *more in groups.values():
        for number, pair in more:
            if pair.attribute and not _disagree(pair.answer, first.answer, values):
                continue
            if pair.attribute or not same_answer(pair.answer, first.answer, person):
                yield ValidationIssue(
                    Severity.ERROR if pair.attribute else Severity.WARNING,
                    Check.CONFLICTING_ANSWERS,
                    locations[training_key(person.profile_id, number)],
                    f"{pair.question!r} is taught {pair.answer!r}, and {first.question!r} {first.answer!r}",
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
