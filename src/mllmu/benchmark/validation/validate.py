"""Looking for everything that is wrong with a benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mllmu.benchmark.findings import Check, Finding, Place, Severity
from mllmu.benchmark.load_report import PatientReport
from mllmu.benchmark.reader import load_benchmark_with_report
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.answers import answers_in_questions, conflicting_answers
from mllmu.benchmark.validation.biographies import missing_fields
from mllmu.benchmark.validation.modality import mismatched_modalities
from mllmu.benchmark.validation.options import equal_options
from mllmu.benchmark.validation.pictures import poor_pictures
from mllmu.benchmark.validation.test_set import known_wordings
from mllmu.progress import Progress

TEXT_CHECKS: tuple[Callable[[Benchmark, Mapping[str, Place]], Iterator[Finding]], ...] = (
    missing_fields,
    equal_options,
    answers_in_questions,
    conflicting_answers,
    known_wordings,
    mismatched_modalities,
)
"""Everything that reads only what is written; the portraits take long and say how far they are."""


@dataclass(frozen=True)
class Validation:
    """What was found.

    Attributes:
        benchmark: what was looked at.
        findings: grouped by check, each group in the order of the folder.
    """

    benchmark: Benchmark
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> Counter[Check]:
        """How many findings of a severity each check has."""
        return Counter(finding.check for finding in self.findings if finding.severity is severity)

    def as_json(self) -> dict[str, object]:
        """Everything found as one JSON object."""
        return {
            "benchmark": self.benchmark.name,
            "errors": self.count(Severity.ERROR).total(),
            "warnings": self.count(Severity.WARNING).total(),
            "findings": [finding.as_json() for finding in self.findings],
        }


def validate(source: str | Path, progress: Progress | None = None) -> Validation:
    """Look for everything that is wrong with a benchmark.

    Args:
        source: a folder in the released layout, or a hub id.
        progress: called with the portraits looked at and all there are.

    Raises:
        UserError: there is no such benchmark, or a file of it is missing, damaged or without a column that
            it has to have. Rows and fields that cannot be used are findings.
    """
    benchmark, report = load_benchmark_with_report(source, PatientReport())
    findings = [*report.notes]
    for check in TEXT_CHECKS:
        findings += check(benchmark, report.places)
    findings += poor_pictures(benchmark, report.places, progress or (lambda done, total: None))
    order = list(Check)
    return Validation(benchmark, tuple(sorted(findings, key=lambda finding: order.index(finding.check))))
