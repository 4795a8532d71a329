"""Check of names: a question that names somebody means one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.iteration import everybody
from mllmu.benchmark.load_report import person_key
from mllmu.benchmark.types import Benchmark
from mllmu.benchmark.validation.text_comparison import plain
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def shared_names(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find people of one name, accents and case aside.

    An error where a set of scores asks about one of them and another set about the other, such as forget and
    retain at some ratio: what is known of one is then taken for what is known of the other. Else a warning.
    """
    people: dict[str, list[str]] = defaultdict(list)
    for person in everybody(benchmark):
        people[plain(person.name)].append(person.profile_id)
    for name, (first, *others) in people.items():
        for other in others if name else ():
            apart = _sets(benchmark, first) != _sets(benchmark, other)
            yield ValidationIssue(
                Severity.ERROR if apart else Severity.WARNING,
                Check.SHARED_NAME,
                replace(locations[person_key(other)], field=parquet_layout.ID),
                f"{other} has the name of {first} in {locations[person_key(first)]}",
                "a name of their own for everybody",
            )


def _sets(benchmark: Benchmark, profile_id: str) -> tuple[bool, ...]:
    """To which sets of scores a person belongs."""
    forgotten = (profile_id in split.forget for split in benchmark.splits.values())
    return (profile_id in benchmark.celebrities, profile_id in benchmark.holdout, *forgotten)
