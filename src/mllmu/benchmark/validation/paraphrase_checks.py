"""Checks of the test set: its wordings occur neither in training nor in the original questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mllmu.benchmark.iteration import everybody
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.text_comparison import template
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def repeated_wordings(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find test questions that are worded like a training or an original question, about anybody."""
    people = everybody(benchmark)
    taught = {template(pair.question, person) for person in people for pair in person.training_questions}
    original = {template(question.text, person) for person in people for question in person.questions}
    for person in people:
        for question in person.test_questions:
            wording = template(question.text, person)
            for source, used_wordings in (("training", taught), ("the original questions", original)):
                if wording in used_wordings:
                    yield ValidationIssue(
                        Severity.WARNING,
                        Check.TEST_WORDING,
                        locations[question.question_id],
                        f"{question.text!r} is worded so in {source}",
                        "words that neither training nor the original questions use",
                    )
