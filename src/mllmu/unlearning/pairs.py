"""Pairs of one forget and one retain sample, drawn before training begins."""

from __future__ import annotations

import random
from dataclasses import dataclass

from torch.utils.data import Dataset

from mllmu.models import Encoded
from mllmu.training import EncodedItems
from mllmu.training.seeds import part_seed


@dataclass(frozen=True)
class Pair:
    """One forget sample and, where the method needs one, one retain sample, by their positions."""

    forget: int
    retain: int | None


@dataclass(frozen=True)
class EncodedPair:
    """A pair as tensors; the positions say where its reference values are."""

    pair: Pair
    forget: Encoded
    retain: Encoded | None


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
    if not retain:
        return [Pair(index, None) for index in forget_order]
    retain_order = _passes(retain, count, random.Random(part_seed(seed, "retain order")))
    return [Pair(f, r) for f, r in zip(forget_order, retain_order, strict=True)]


def _passes(size: int, count: int, rng: random.Random) -> list[int]:
    """``count`` positions from as many shuffled passes over ``size`` as it takes."""
    order: list[int] = []
    while len(order) < count:
        order += rng.sample(range(size), size)
    return order[:count]


class PairDataset(Dataset[EncodedPair]):
    """Pairs as tensors, in the order they were drawn."""

    def __init__(self, pairs: list[Pair], forget: EncodedItems, retain: EncodedItems) -> None:
        self._pairs = pairs
        self._forget = forget
        self._retain = retain

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> EncodedPair:
        pair = self._pairs[index]
        retain = None if pair.retain is None else self._retain[pair.retain]
        return EncodedPair(pair, self._forget[pair.forget], retain)
