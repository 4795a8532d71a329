"""Protects who is forgotten: published ids, sizes, disjointness, seeds, refusal of the impossible."""

from __future__ import annotations

import json

import pytest

from mllmu.benchmark import make_splits, official_splits, splits_for
from mllmu.benchmark.splits import retained
from mllmu.errors import UserError
from tests.benchmark.shared_data import shared_data

PEOPLE = [f"{number:03d}" for number in range(1, 101)]


@pytest.mark.parametrize(("count", "ratio", "size"), [(100, 5, 5), (500, 15, 75), (4, 10, 1), (40, 33, 13)])
def test_sizes_are_rounded_and_at_least_one(count: int, ratio: int, size: int) -> None:
    """13.2 rounds to 13; 0.4 becomes 1."""
    people = [str(number) for number in range(count)]
    split = make_splits(people, [ratio], seed=0)[ratio]
    assert len(split.forget) == size
    assert sorted((*split.forget, *split.retain)) == sorted(people)


def test_only_the_seed_decides() -> None:
    """Same seed, same people, whatever the order of the ids; another seed, others; ratios are independent."""
    first = make_splits(PEOPLE, [5, 10], seed=1)
    assert first == make_splits(PEOPLE, [10, 5], seed=1)
    assert first[10] == make_splits(PEOPLE, [10], seed=1)[10]
    assert set(first[10].forget) == set(make_splits(PEOPLE[::-1], [10], seed=1)[10].forget)
    assert first[10].forget != make_splits(PEOPLE, [10], seed=2)[10].forget


def test_nested_splits_lie_inside_one_another() -> None:
    """Nested: each smaller forget set is part of the next; otherwise (here) it is not."""
    nested = make_splits(PEOPLE, [5, 10, 15], seed=3, nested=True)
    assert set(nested[5].forget) < set(nested[10].forget) < set(nested[15].forget)
    separate = make_splits(PEOPLE, [5, 10, 15], seed=3)
    assert not set(separate[5].forget) < set(separate[10].forget)


def test_a_new_person_moves_at_most_one_other() -> None:
    """A larger population keeps the draw, but for the one whose place the new person takes."""
    before = set(make_splits(PEOPLE, [10], seed=4)[10].forget)
    after = set(make_splits([*PEOPLE, "101"], [10], seed=4)[10].forget)
    assert len(before - after) <= 1


@pytest.mark.parametrize("ratio", [0, 100, -5, 250])
def test_a_ratio_out_of_range_is_refused(ratio: int) -> None:
    with pytest.raises(UserError, match=f"{ratio} .*1 to 99"):
        make_splits(PEOPLE, [ratio], seed=0)


@pytest.mark.parametrize(("people", "ratio"), [([], 5), (["001"], 5), (["001", "002", "003"], 99)])
def test_asking_for_more_people_than_there_are_is_refused(people: list[str], ratio: int) -> None:
    """Somebody has to be left to retain."""
    with pytest.raises(UserError, match="more people"):
        make_splits(people, [ratio], seed=0)


def test_repeated_ids_are_refused() -> None:
    with pytest.raises(UserError, match="name a person twice; expected every id once"):
        make_splits(["001", "001"], [50], seed=0)


def test_the_published_splits_are_used_for_the_published_people_only() -> None:
    """500 people 001 to 500: 5, 10 and 15 per cent as published (093 and 016 among the 5 %), others drawn."""
    published = official_splits()
    assert {ratio: (len(split.forget), len(split.retain)) for ratio, split in published.items()} == {
        5: (25, 475),
        10: (50, 450),
        15: (75, 425),
    }
    assert {"093", "016", "246"} <= set(published[5].forget)
    people = [f"{number:03d}" for number in range(1, 501)]
    chosen = splits_for(people, [20, 5], seed=0)
    assert list(chosen) == [5, 20]
    assert chosen[5] == published[5]
    assert chosen[20] == make_splits(people, [20], seed=0)[20]
    assert splits_for(PEOPLE, [5], seed=0) == make_splits(PEOPLE, [5], seed=0)


def test_the_published_splits_equal_the_published_lists() -> None:
    """All six lists, as sets."""
    lists = json.loads(shared_data("mllmu_official_splits.json").read_text(encoding="utf-8"))
    for ratio, split in official_splits().items():
        assert set(split.forget) == set(lists[f"forget_{ratio}"])
        assert set(split.retain) == set(lists[f"retain_{100 - ratio}"])


def test_who_is_retained_stands_in_the_released_order_where_the_split_is_the_published_one() -> None:
    """475 people, 423 and 042 first; for other people or other forget ids the order of the people."""
    people = [f"{number:03d}" for number in range(1, 501)]
    published = official_splits()[5]
    retained_ids = retained(people, published.forget, 5)
    assert retained_ids[:2] == ("423", "042")
    assert set(retained_ids) == set(published.retain)
    assert retained(people, ("001", *published.forget[1:]), 5)[:2] == ("002", "003")
    assert retained(PEOPLE, ("001",), 5) == tuple(PEOPLE[1:])


def test_the_published_retain_lists_keep_their_order() -> None:
    lists = json.loads(shared_data("mllmu_official_splits.json").read_text(encoding="utf-8"))
    for ratio, split in official_splits().items():
        assert (
            list(retained(sorted(split.forget + split.retain), split.forget, ratio))
            == lists[f"retain_{100 - ratio}"]
        )
