"""Run all checks on a benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mllmu.benchmark.benchmark_loader import load_benchmark_with_report
from mllmu.benchmark.load_report import CollectingReport
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.answer_checks import answers_in_questions, conflicting_answers
from mllmu.benchmark.validation.biography_checks import missing_fields
from mllmu.benchmark.validation.cloze_checks import blanks
from mllmu.benchmark.validation.modality_checks import mismatched_modalities
from mllmu.benchmark.validation.name_checks import shared_names
from mllmu.benchmark.validation.option_checks import equal_options, mistaken_alternatives
from mllmu.benchmark.validation.paraphrase_checks import repeated_wordings
from mllmu.benchmark.validation.portrait_checks import poor_portraits
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.progress import Progress

TEXT_CHECKS: tuple[Callable[[Benchmark, Mapping[str, Location]], Iterator[ValidationIssue]], ...] = (
    missing_fields,
    shared_names,
    equal_options,
    mistaken_alternatives,
    blanks,
    answers_in_questions,
    conflicting_answers,
    repeated_wordings,
    mismatched_modalities,
)
"""Everything that reads only what is written; the portraits take long and say how far they are."""


@dataclass(frozen=True)
class Validation:
    """The issues of one benchmark.

    Attributes:
        benchmark: what was looked at.
        issues: grouped by check, each group in the order of the folder.
    """

    benchmark: Benchmark
    issues: tuple[ValidationIssue, ...]

    def count(self, severity: Severity) -> Counter[Check]:
        """Count the issues of one severity by check."""
        return Counter(issue.check for issue in self.issues if issue.severity is severity)

    def as_json(self) -> dict[str, object]:
        """All issues as one JSON object."""
        return {
            "benchmark": self.benchmark.name,
            "errors": self.count(Severity.ERROR).total(),
            "warnings": self.count(Severity.WARNING).total(),
            "findings": [issue.as_json() for issue in self.issues],
        }


def validate(source: str | Path, progress: Progress | None = None) -> Validation:
    """Run all checks on a benchmark.

    Args:
        source: a folder in the released layout, or a hub id.
        progress: called with the portraits looked at and all there are.

    Raises:
        UserError: there is no such benchmark, or a file of it is missing, damaged or without a column that
            it has to have. Rows and fields that cannot be used are issues.
    """
    benchmark, report = load_benchmark_with_report(source, CollectingReport())
    issues = [*report.notes]
    for check in TEXT_CHECKS:
        issues += check(benchmark, report.locations)
    issues += poor_portraits(benchmark, report.locations, progress or (lambda done, total: None))
    order = list(Check)
    return Validation(benchmark, tuple(sorted(issues, key=lambda issue: order.index(issue.check))))
