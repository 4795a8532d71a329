"""Protects stored results: the fingerprint changes with anything that can change a result, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, Profile, Split, fingerprint


def _first(change: Callable[[Profile], Profile]) -> Callable[[Benchmark], Benchmark]:
    def apply(benchmark: Benchmark) -> Benchmark:
        return replace(benchmark, profiles={**benchmark.profiles, "001": change(benchmark.profiles["001"])})

    return apply


CHANGES: dict[str, Callable[[Benchmark], Benchmark]] = {
    "name": _first(lambda person: replace(person, name="x")),
    "image": _first(lambda person: replace(person, image=person.image + b"x")),
    "test image": _first(lambda person: replace(person, test_images=person.test_images[::-1])),
    "biography": _first(lambda person: replace(person, biography={**person.biography, "Pet": "x"})),
    "question": _first(
        lambda person: replace(
            person, questions=(replace(person.questions[0], value="x"), *person.questions[1:])
        )
    ),
    "order": _first(lambda person: replace(person, test_questions=person.test_questions[::-1])),
    "training": _first(lambda person: replace(person, training_questions=person.training_questions[:1])),
    "perception": _first(lambda person: replace(person, perception_questions=person.questions[:1])),
    "split": lambda benchmark: replace(
        benchmark, splits={20: Split(20, ("003",), ("001", "002", "004", "005"))}
    ),
    "celebrities": lambda benchmark: replace(benchmark, celebrities={}),
    "moved": lambda benchmark: replace(
        benchmark, celebrities=benchmark.holdout, holdout=benchmark.celebrities
    ),
    "test order": lambda benchmark: replace(benchmark, test_order=("005", "004", "003", "002", "001")),
    "people's order": lambda benchmark: replace(
        benchmark, profiles=dict(reversed(list(benchmark.profiles.items())))
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_shows(benchmark: Benchmark, change: Callable[[Benchmark], Benchmark]) -> None:
    assert fingerprint(change(benchmark)) != fingerprint(benchmark)


def test_names_of_the_whole_do_not_count(benchmark: Benchmark) -> None:
    """A copy under another name is the same benchmark; the stored fingerprint is not part of itself."""
    assert fingerprint(replace(benchmark, name="other", fingerprint="x")) == fingerprint(benchmark)


def test_people_without_perception_questions_keep_their_fingerprint() -> None:
    """Results of before there were such questions still belong to the benchmark they were made from."""
    person = Profile("001", "Ann Ash", {}, b"x", ())
    benchmark = Benchmark("small", {"001": person}, {}, {}, {})
    assert fingerprint(benchmark) == "f6de485011630bd7db719012713a4eb7e37afa586a2e61942fc5b809f5673b08"
