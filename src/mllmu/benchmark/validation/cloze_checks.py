"""Check of sentences with a blank: there is one to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mllmu.benchmark.iteration import asked
from mllmu.benchmark.types import Benchmark, Task
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue

BLANK = "__"
"""How the release writes it; the official evaluation puts "[Blank]" for every two underscores."""


_RUN = re.compile(r"(?<![^\W_])_+(?![^\W_])")


def blanks(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find cloze questions without a blank, with several, or with one of another length."""
    for _, question in asked(benchmark):
        if question.task is Task.CLOZE and _RUN.findall(question.text) != [BLANK]:
            yield ValidationIssue(
                Severity.WARNING,
                Check.BLANK,
                locations[question.question_id],
                f"the cloze question {question.text!r}",
                f"one blank, written {BLANK}, of which the official evaluation makes [Blank]",
            )
