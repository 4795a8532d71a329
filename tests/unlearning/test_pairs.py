"""Protects the schedule: every forget sample once per round, retain samples spread, all by the seed."""

from __future__ import annotations

from mllmu.unlearning.pairs import draw_pairs


def test_all_forget_samples_are_used_before_one_repeats() -> None:
    """Ten pairs of four: each run of four holds every forget sample."""
    pairs = draw_pairs(4, 7, 10, seed=0)
    forget = [pair.forget for pair in pairs]
    assert len(pairs) == 10
    assert sorted(forget[:4]) == sorted(forget[4:8]) == [0, 1, 2, 3]
    assert len(set(forget[8:])) == 2


def test_retain_samples_repeat_only_when_all_were_used() -> None:
    """Seven of them, ten pairs: the first seven pairs show all."""
    retain = [pair.retain for pair in draw_pairs(4, 7, 10, seed=0)]
    assert sorted(retain[:7]) == list(range(7))  # type: ignore[type-var]


def test_the_order_depends_on_the_seed_alone() -> None:
    """Also not on whether there is a retain half, so that methods see the same forget samples."""
    first = draw_pairs(9, 9, 27, seed=0)
    assert first == draw_pairs(9, 9, 27, seed=0)
    assert first != draw_pairs(9, 9, 27, seed=1)
    assert [p.forget for p in first] == [p.forget for p in draw_pairs(9, 0, 27, seed=0)]
    assert [p.retain for p in draw_pairs(9, 0, 27, seed=0)] == [None] * 27
