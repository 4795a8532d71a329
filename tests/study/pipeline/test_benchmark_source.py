"""Protects who is forgotten: the benchmark's own people, a draw that is said, or a refusal."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, Profile, Split, make_splits, official_splits
from mllmu.errors import UserError
from mllmu.study.pipeline.benchmark_source import choose_split


def people(count: int) -> dict[str, Profile]:
    ids = [f"{number:03d}" for number in range(1, count + 1)]
    return {profile_id: Profile(profile_id, profile_id, {}, b"", ()) for profile_id in ids}


OWN = Split(20, ("002", "004"), tuple(f"{number:03d}" for number in range(1, 11) if number not in (2, 4)))
STORED = Benchmark("mine", people(10), {}, {}, {20: OWN})


def test_a_stored_split_is_taken_and_a_missing_one_refused_with_a_list() -> None:
    """A seed draws whichever ratio it is asked for."""
    assert choose_split(STORED, 20, None) == OWN
    with pytest.raises(UserError, match="mine has no split that forgets 10 per cent; expected one of 20, "):
        choose_split(STORED, 10, None)
    assert choose_split(STORED, 10, 7) == make_splits(list(STORED.profiles), [10], 7)[10]


def test_a_benchmark_without_splits_is_drawn_from_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """The people are those of seed 0."""
    with caplog.at_level(logging.INFO):
        split = choose_split(replace(STORED, splits={}), 20, None)
    assert split == make_splits(list(STORED.profiles), [20], 0)[20]
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "mine has no splits: 2 of 10 people are drawn" in record.getMessage()


def test_generated_people_with_the_published_ids_are_drawn_from_as_all_generated_ones() -> None:
    """Their published splits are supplied on reading, not stored; the released people's count as stored."""
    generated = Benchmark("x", people(500), {}, {}, official_splits(), celebrities_are_fictitious=True)
    assert choose_split(generated, 5, None) == official_splits()[5]
    assert choose_split(generated, 20, None) == make_splits(list(generated.profiles), [20], 0)[20]
    with pytest.raises(UserError, match="one of 5, 10, 15"):
        choose_split(replace(generated, celebrities_are_fictitious=False), 20, None)


@pytest.mark.parametrize("forget", [(), tuple(STORED.profiles)])
def test_a_split_of_nobody_or_everybody_is_refused(forget: tuple[str, ...]) -> None:
    retain = tuple(one for one in STORED.profiles if one not in forget)
    with pytest.raises(UserError, match=r"forgets (nobody|everybody)"):
        choose_split(replace(STORED, splits={20: Split(20, forget, retain)}), 20, None)
