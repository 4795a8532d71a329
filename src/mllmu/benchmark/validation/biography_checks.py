"""Checks of biographies: every usual field has a value, and every person has questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.iteration import everybody
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.rows.person_rows import BIOGRAPHY_KEYS, is_nothing
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def missing_fields(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find people without questions, and biographies that lack a usual field or its value."""
    for person in everybody(benchmark):
        location = locations[person_key(person.profile_id)]
        if not person.questions:
            problem = f"nothing is asked about {person.profile_id}"
            asked = replace(location, field=parquet_layout.CLASSIFICATION)
            yield ValidationIssue(Severity.ERROR, Check.MISSING_FIELD, asked, problem, "questions")
        for key in BIOGRAPHY_KEYS:
            value = person.biography.get(key)
            if is_nothing(value):
                problem = f"no {key}" if value is None else f"the {key} is {value!r}"
                in_biography = replace(location, field=parquet_layout.BIOGRAPHY)
                yield ValidationIssue(Severity.WARNING, Check.MISSING_FIELD, in_biography, problem, "a value")
