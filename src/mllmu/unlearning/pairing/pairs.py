"""Pairs of one forget and one retain sample, drawn before training begins."""

from __future__ import annotations

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from torch.utils.data import Dataset

from mllmu.models import Encoded
from mllmu.training import EncodedItems
from mllmu.training.data.portrait_units import portrait_units, whole_in_batches
from mllmu.training.seeds import part_seed
from mllmu.unlearning.need import Half


@dataclass(frozen=True)
class Pair:
    """One forget sample and, where the method needs one, one retain sample, by their positions.

    Attributes:
        forget: position of the forget sample.
        retain: position of the retain sample.
        turn: how often the forget sample was drawn before.
    """

    forget: int
    retain: int | None
    turn: int = 0


@dataclass(frozen=True)
class EncodedPair:
    """A pair as tensors, half by half.

    Attributes:
        items: the sample of each half.
        positions: where among its half's samples each is; says where its frozen values are.
    """

    items: Mapping[Half, Encoded]
    positions: Mapping[Half, int]


@dataclass(frozen=True)
class Grouping:
    """How questions about one portrait come together.

    Attributes:
        questions_per_image: how many of them a batch holds together.
        batch_size: samples of a batch.
    """

    questions_per_image: int
    batch_size: int


def draw_pairs(
    forget: Sequence[Hashable | None],
    retain: Sequence[Hashable | None],
    count: int,
    seed: int,
    grouping: Grouping,
) -> list[Pair]:
    """All pairs of a training, in the order they are learned.

    Forget samples come in a new order each time that all have been used; so do retain samples, in an order of
    their own.

    Args:
        forget: the portrait of every forget sample, at least one; None of text.
        retain: the portrait of every retain sample; empty for a method that needs none.
        count: number of pairs.
        seed: fixes both orders.
        grouping: how questions about one portrait come together, in both halves.
    """
    forget_order = _passes(forget, count, random.Random(part_seed(seed, "forget order")), grouping)
    retain_order: Sequence[int | None] = [None] * count
    if retain:
        retain_order = _passes(retain, count, random.Random(part_seed(seed, "retain order")), grouping)
    drawn = enumerate(zip(forget_order, retain_order, strict=True))
    return [Pair(f, r, number // len(forget)) for number, (f, r) in drawn]


def _passes(
    portraits: Sequence[Hashable | None], count: int, rng: random.Random, grouping: Grouping
) -> list[int]:
    """``count`` positions from as many shuffled passes over samples as it takes."""
    order: list[int] = []
    while len(order) < count:
        drawn = rng.sample(range(len(portraits)), len(portraits))
        units = portrait_units(drawn, portraits, grouping.questions_per_image)
        if grouping.questions_per_image > 1:
            # Units stand where their first question stood; what is learned of a pass may be its beginning
            # alone, which would be portraits for the most part.
            rng.shuffle(units)
        order += whole_in_batches(units, grouping.batch_size, len(order))
    return order[:count]


class PairDataset(Dataset[EncodedPair]):
    """Pairs as tensors, in the order they were drawn.

    Halves with other answers hold one sample for each forget sample, or several: all forget samples with a
    first answer, then all with a second, and so on; these take turns.
    """

    def __init__(self, pairs: Sequence[Pair], halves: Mapping[Half, EncodedItems]) -> None:
        """Take pairs, and the samples of every half that is read; the forget half is among them."""
        self._pairs = pairs
        self._halves = halves

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> EncodedPair:
        pair = self._pairs[index]
        positions = {half: self._position(half, pair) for half in self._halves}
        return EncodedPair({half: self._halves[half][at] for half, at in positions.items()}, positions)

    def _position(self, half: Half, pair: Pair) -> int:
        if half is Half.RETAIN:
            assert pair.retain is not None
            return pair.retain
        questions = len(self._halves[Half.FORGET])
        answers = len(self._halves[half]) // questions
        return pair.turn % answers * questions + pair.forget
