"""The order in which a training visits its samples."""

from __future__ import annotations

import random
from collections.abc import Iterator

from torch.utils.data import Sampler

from mllmu.training.data.dataset import EncodedItems
from mllmu.training.data.portrait_units import portrait_units, whole_in_batches
from mllmu.training.seeds import part_seed

# Sorting this many rows leaves the order random enough, and keeps a few long rows from padding many batches.
_POOL_ROWS = 16384


class LengthGroupedSampler(Sampler[int]):
    """Shuffles every epoch anew, and lets batches hold rows of about one length.

    Rows are drawn into pools, sorted within a pool and cut into batches, which are then shuffled. An
    incomplete batch comes last, of rows that are drawn before any are sorted: in a mean over fewer rows each
    counts for more, and that may not be the longest in every epoch.
    """

    def __init__(self, items: EncodedItems, batch_size: int, seed: int, questions_per_image: int = 1) -> None:
        """Take what is to be ordered.

        Args:
            items: the samples; those that show one picture share its tensors.
            batch_size: rows of a batch.
            seed: draws the orders.
            questions_per_image: how many samples that show one picture are drawn together.
        """
        self.items = items
        self.batch_size = batch_size
        self.seed = seed
        self.questions_per_image = questions_per_image
        self.epoch = -1

    def set_epoch(self, epoch: int) -> None:
        """Draw the order of an epoch, and the items where they are drawn too."""
        # Accelerate tells the epoch once for every path by which it finds the sampler.
        if epoch == self.epoch:
            return
        self.epoch = epoch
        redraw = getattr(self.items, "set_epoch", None)
        if redraw is not None:
            redraw(epoch)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[int]:
        rng = random.Random(part_seed(self.seed, "order of samples", self.epoch))
        order = list(range(len(self.items)))
        rng.shuffle(order)
        items = [self.items[index] for index in range(len(self.items))]
        portraits = [id(item.vision) if item.vision else None for item in items]
        units = portrait_units(order, portraits, self.questions_per_image)
        incomplete = _taken(units, len(order) % self.batch_size)
        pool = max(1, _POOL_ROWS // self.batch_size) * self.batch_size
        ranked: list[list[int]] = []
        for start in range(0, len(units), pool):
            # A stable sort of a shuffled pool: units of equal length stay in random order.
            drawn = units[start : start + pool]
            ranked += sorted(drawn, key=lambda unit: max(len(items[index]) for index in unit))
        rows = whole_in_batches(ranked, self.batch_size)
        batches = [rows[i : i + self.batch_size] for i in range(0, len(rows), self.batch_size)]
        rng.shuffle(batches)
        return (index for batch in [*batches, incomplete] for index in batch)


def _taken(units: list[list[int]], count: int) -> list[int]:
    """Take so many rows off the end; a unit that holds more of them stays with the rest of its rows."""
    taken: list[int] = []
    while len(taken) < count:
        unit = units.pop()
        missing = count - len(taken)
        taken += unit[:missing]
        if len(unit) > missing:
            units.append(unit[missing:])
    return taken
