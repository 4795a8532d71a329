"""Iterate over all people and all evaluation questions of a benchmark."""

from __future__ import annotations

from collections.abc import Iterator

from mllmu.benchmark.types import Benchmark, Profile, Question


def everybody(benchmark: Benchmark) -> list[Profile]:
    """List all people: fictitious ones, celebrities and holdout people."""
    groups = (benchmark.profiles, benchmark.celebrities, benchmark.holdout)
    return [person for group in groups for person in group.values()]


def asked(benchmark: Benchmark) -> Iterator[tuple[Profile, Question]]:
    """Yield every evaluation question, with the person it is about."""
    for person in everybody(benchmark):
        for question in evaluated(person):
            yield person, question


def evaluated(person: Profile) -> tuple[Question, ...]:
    """List every evaluation question about a person: original, paraphrased, and of perception."""
    return (*person.questions, *person.test_questions, *person.perception_questions)
