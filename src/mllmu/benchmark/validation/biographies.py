"""What is known about people: every usual field, and something to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mllmu.benchmark import layout
from mllmu.benchmark.findings import Check, Finding, Place, Severity
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.person_rows import BIOGRAPHY_KEYS, is_nothing
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.people import everybody


def missing_fields(benchmark: Benchmark, places: Mapping[str, Place]) -> Iterator[Finding]:
    """Find people of whom nothing is asked, and biographies that lack a usual field or its value."""
    for person in everybody(benchmark):
        place = places[person_key(person.profile_id)]
        if not person.questions:
            found = f"nothing is asked about {person.profile_id}"
            asked = replace(place, field=layout.CLASSIFICATION)
            yield Finding(Severity.ERROR, Check.MISSING_FIELD, asked, found, "questions")
        for key in BIOGRAPHY_KEYS:
            value = person.biography.get(key)
            if is_nothing(value):
                found = f"no {key}" if value is None else f"the {key} is {value!r}"
                where = replace(place, field=layout.BIOGRAPHY)
                yield Finding(Severity.WARNING, Check.MISSING_FIELD, where, found, "a value")
