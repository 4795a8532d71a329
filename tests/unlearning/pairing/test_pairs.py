"""Protects the schedule: every forget sample once per round, retain samples spread, all by the seed."""

from __future__ import annotations

from mllmu.unlearning.pairing.pairs import Grouping, Pair, draw_pairs

ALONE = Grouping(questions_per_image=1, batch_size=4)


def drawn(forget: int, retain: int, count: int, seed: int) -> list[Pair]:
    """Pairs of samples of which each shows a portrait of its own."""
    return draw_pairs(range(forget), range(retain), count, seed, ALONE)


def test_all_forget_samples_are_used_before_one_repeats() -> None:
    """Ten pairs of four: each run of four holds every forget sample."""
    pairs = drawn(4, 7, 10, seed=0)
    forget = [pair.forget for pair in pairs]
    assert len(pairs) == 10
    assert sorted(forget[:4]) == sorted(forget[4:8]) == [0, 1, 2, 3]
    assert len(set(forget[8:])) == 2


def test_retain_samples_repeat_only_when_all_were_used() -> None:
    """Seven of them, ten pairs: the first seven pairs show all."""
    retain = [pair.retain for pair in drawn(4, 7, 10, seed=0)]
    assert sorted(retain[:7]) == list(range(7))  # type: ignore[type-var]


def test_the_order_depends_on_the_seed_alone() -> None:
    """Also not on whether there is a retain half, so that methods see the same forget samples."""
    first = drawn(9, 9, 27, seed=0)
    assert first == drawn(9, 9, 27, seed=0)
    assert first != drawn(9, 9, 27, seed=1)
    assert [p.forget for p in first] == [p.forget for p in drawn(9, 0, 27, seed=0)]
    assert [p.retain for p in drawn(9, 0, 27, seed=0)] == [None] * 27


def test_one_question_of_an_image_keeps_the_order_there_was() -> None:
    """Pairs as they were before portraits were told apart, whatever the samples show."""
    pairs = draw_pairs(["a", "a", None, "b"], ["c"] * 7, 10, 0, ALONE)
    assert [(pair.forget, pair.retain) for pair in pairs] == [
        *((2, 6), (3, 3), (1, 4), (0, 0), (0, 2)),
        *((1, 5), (2, 1), (3, 4), (2, 5), (1, 3)),
    ]


def test_batches_hold_so_many_questions_of_a_portrait_in_both_halves() -> None:
    """Two portraits of four questions and two texts to forget, eight portraits to retain, batches of four."""
    forget = ["a", "b", None, "a", "b", None, "a", "b", "a", "b"]
    retain = [index // 4 for index in range(32)]
    pairs = draw_pairs(forget, retain, 20, 0, Grouping(4, 4))
    assert sorted(pair.forget for pair in pairs[:10]) == sorted(pair.forget for pair in pairs[10:])
    whole = 0
    for start in range(0, 20, 4):
        batch = pairs[start : start + 4]
        assert len({retain[pair.retain] for pair in batch if pair.retain is not None}) == 1
        whole += len({forget[pair.forget] for pair in batch}) == 1 and forget[batch[0].forget] is not None
    assert whole == 4


def test_a_part_of_a_pass_shows_as_many_faces_as_the_whole() -> None:
    """Half of all questions are by face; of the first tenth nine of ten were."""
    about = range(450 * 18)
    retain = [index // 18 for index in about] + [None for _ in about]
    for questions, batch in ((1, 4), (4, 4), (8, 8), (16, 16)):
        pairs = draw_pairs([None] * 1800, retain, 1800, 0, Grouping(questions, batch))
        faces = sum(retain[pair.retain] is not None for pair in pairs if pair.retain is not None)
        assert 0.44 < faces / 1800 < 0.56, (questions, faces / 1800)
