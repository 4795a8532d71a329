"""Checks of modality: questions with the image do not name the person, questions without it do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mllmu.benchmark.iteration import asked
from mllmu.benchmark.language.comparable_text import without_accents
from mllmu.benchmark.language.person_naming import mentions_person, names_person
from mllmu.benchmark.load_report import training_key
from mllmu.benchmark.types import Benchmark, Modality
from mllmu.benchmark.validation.text_comparison import contains
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def mismatched_modalities(
    benchmark: Benchmark, locations: Mapping[str, Location]
) -> Iterator[ValidationIssue]:
    """Find questions that can be answered without their image, or that nobody can answer without one.

    A question with the image may leave the image unmentioned, but not name the person; one without has to
    name the person. A part of the name is enough for either.
    """
    for person, question in asked(benchmark):
        if not person.name:
            continue  # noted on reading
        if question.modality is Modality.IMAGE_TEXT and (named := _named(question.text, person.name)):
            problem, expected = f"names {named}", "a question that only the image says whom it is about"
        elif question.modality is Modality.TEXT and not names_person(question.text, person.name):
            problem, expected = f"does not name {person.name}", "a question that says whom it is about"
        else:
            continue
        location = locations[question.question_id]
        yield ValidationIssue(
            Severity.WARNING, Check.MODALITY, location, f"{question.text!r} {problem}", expected
        )
    for person in benchmark.profiles.values():
        for number, pair in enumerate(person.training_questions):
            if person.name and not mentions_person(pair.question, person.name):
                yield ValidationIssue(
                    Severity.WARNING,
                    Check.MODALITY,
                    locations[training_key(person.profile_id, number)],
                    f"{pair.question!r} mentions nobody; as text, {person.name} is put before it",
                    "a question that says whom it is about",
                )


def _named(text: str, name: str) -> str:
    """The name, or the words of it, by which a text names somebody; empty where by none."""
    if contains(text, name):
        return name
    # Cased and unbroken, because "in" is no mention of In-ho Na.
    words = set(re.findall(r"\w[\w-]+", without_accents(text)))
    return " ".join(part for part in re.findall(r"\w[\w-]+", without_accents(name)) if part in words)
