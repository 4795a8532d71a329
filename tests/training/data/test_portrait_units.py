"""Protects how questions about one portrait come together in a batch, and the order without it."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import Encoded
from mllmu.training import TrainingSettings, parse_settings
from mllmu.training.data.portrait_units import portrait_units, whole_in_batches
from mllmu.training.data.sampler import LengthGroupedSampler


class Asked:
    """Rows without content about portraits; None for text."""

    def __init__(self, portraits: list[int | None], lengths: list[int] | None = None) -> None:
        self.portraits = portraits
        self.lengths = lengths or [5] * len(portraits)
        self._visions = {one: {"pixel_values": torch.zeros(1)} for one in portraits if one is not None}

    def __len__(self) -> int:
        return len(self.portraits)

    def __getitem__(self, index: int) -> Encoded:
        ids, portrait = torch.zeros(self.lengths[index], dtype=torch.long), self.portraits[index]
        return Encoded(ids, ids.bool(), {} if portrait is None else self._visions[portrait])


def test_units_worked_out_by_hand() -> None:
    """Portraits a b a a b and text between them, two by two: a unit stands where it began."""
    portraits = ["a", "b", None, "a", "a", "b", None]
    assert portrait_units(range(7), portraits, 2) == [[0, 3], [1, 5], [2], [4], [6]]
    assert portrait_units([6, 4, 1, 0, 3], portraits, 2) == [[6], [4, 0], [1], [3]]
    assert portrait_units(range(7), portraits, 1) == [[index] for index in range(7)]


def test_batches_divide_few_units() -> None:
    """Batches of four: two units of two, three and one; two of three cannot both be whole."""
    assert whole_in_batches([[0, 1], [2, 3, 4], [5, 6], [7]], 4) == [0, 1, 5, 6, 2, 3, 4, 7]
    assert whole_in_batches([[0, 1, 2], [3, 4, 5]], 4) == [0, 1, 2, 3, 4, 5]
    assert whole_in_batches([[0], [1, 2, 3, 4], [5], [6, 7, 8, 9]], 4) == [1, 2, 3, 4, 6, 7, 8, 9, 0, 5]


def test_a_batch_that_was_begun_is_filled_up_first() -> None:
    """One sample came before, so that three are free; or three did, and the last unit is divided."""
    assert whole_in_batches([[0, 1], [2, 3], [4]], 4, used=1) == [0, 1, 4, 2, 3]
    assert whole_in_batches([[0, 1, 2, 3], [4, 5]], 4, used=3) == [5, 0, 1, 2, 3, 4]
    assert whole_in_batches([[0], [1]], 4, used=1) == [0, 1]


def test_the_order_of_single_questions_does_not_change() -> None:
    """Another order of the same samples gives other models, which nobody may do unawares."""
    rows = Asked([0, 1, None, 1, 0, 0, None, 2, 2, None], [5, 3, 5, 3, 9, 5, 3, 5, 3, 9])
    sampler = LengthGroupedSampler(rows, 4, seed=3)
    assert list(sampler) == [5, 2, 9, 4, 8, 6, 0, 7, 3, 1]
    sampler.set_epoch(1)
    assert list(sampler) == [5, 7, 4, 9, 6, 1, 3, 0, 2, 8]


def test_batches_hold_so_many_questions_of_a_portrait() -> None:
    """Ten portraits of nine questions, and 30 texts that are shorter; four by four, one of nine is over."""
    rows = Asked([index // 9 for index in range(90)] + [None] * 30, [50] * 90 + [5] * 30)
    sampler = LengthGroupedSampler(rows, 8, seed=3, questions_per_image=4)
    orders = []
    for epoch in (0, 1):
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
        assert list(sampler) == orders[-1], "a training that goes on meets the order that it left"
        assert sorted(orders[-1]) == list(range(120))
        held: Counter[int] = Counter()
        for start in range(0, 120, 8):
            shown = Counter(rows.portraits[index] for index in orders[-1][start : start + 8])
            held.update(count for portrait, count in shown.items() if portrait is not None)
        # Two fours of each of ten portraits; batches may divide one or two.
        assert sum(size // 4 * count for size, count in held.items()) >= 18
    assert orders[0] != orders[1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"questions_per_image": 0}, "'questions_per_image' is 0, but should be greater than or equal to 1"),
        (
            {"questions_per_image": 5},
            "'questions_per_image' is 5, but should be at most 'batch_size', which is 4",
        ),
        ({"questions_per_image": "all"}, "'questions_per_image' is 'all', but should be a valid integer"),
    ],
)
def test_bad_values(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_settings("Training", TrainingSettings, settings)


def test_one_is_the_default() -> None:
    assert TrainingSettings().questions_per_image == 1
