"""Pairs of one forget and one retain sample, drawn before training begins."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch.utils.data import Dataset

from mllmu.models import Encoded
from mllmu.training import EncodedItems
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


def draw_pairs(forget: int, retain: int, count: int, seed: int) -> list[Pair]:
    """All pairs of a training, in the order they are learned.

    Forget samples come in a new order each time that all have been used; so do retain samples, in an order of
    their own.

    Args:
        forget: number of forget samples, at least 1.
        retain: number of retain samples; 0 for a method that needs none.
        count: number of pairs.
        seed: fixes both orders.
    """
    forget_order = _passes(forget, count, random.Random(part_seed(seed, "forget order")))
    retain_order: Sequence[int | None] = [None] * count
    if retain:
        retain_order = _passes(retain, count, random.Random(part_seed(seed, "retain order")))
    drawn = enumerate(zip(forget_order, retain_order, strict=True))
    return [Pair(f, r, number // forget) for number, (f, r) in drawn]


def _passes(size: int, count: int, rng: random.Random) -> list[int]:
    """``count`` positions from as many shuffled passes over ``size`` as it takes."""
    order: list[int] = []
    while len(order) < count:
        order += rng.sample(range(size), size)
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
