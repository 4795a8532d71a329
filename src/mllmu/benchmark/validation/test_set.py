"""The test set measures whether forgetting generalises, so its wordings must be new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mllmu.benchmark.findings import Check, Finding, Place, Severity
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.people import everybody
from mllmu.benchmark.validation.wording import template


def known_wordings(benchmark: Benchmark, places: Mapping[str, Place]) -> Iterator[Finding]:
    """Find test questions that are worded like a training or an original question, about anybody."""
    people = everybody(benchmark)
    taught = {template(pair.question, person) for person in people for pair in person.training_questions}
    original = {template(question.text, person) for person in people for question in person.questions}
    for person in people:
        for question in person.test_questions:
            wording = template(question.text, person)
            for where, known in (("training", taught), ("the original questions", original)):
                if wording in known:
                    yield Finding(
                        Severity.WARNING,
                        Check.TEST_WORDING,
                        places[question.question_id],
                        f"{question.text!r} is worded so in {where}",
                        "words that neither training nor the original questions use",
                    )
