"""An order of samples in which questions about one portrait stand together, a chosen number of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

# Only the newest batches are tried for free rows, so that units of like length stay together.
_OPEN = 64


def portrait_units(
    order: Sequence[int], portraits: Sequence[Hashable | None], questions: int
) -> list[list[int]]:
    """Cut an order into units of up to some questions about one portrait.

    A unit stands where the first of its samples stood, and takes in those that come next about the portrait.

    Args:
        order: positions of samples.
        portraits: of every sample what it shows; None for text, which is a unit of its own.
        questions: the most samples of a unit, at least 1.
    """
    units: list[list[int]] = []
    begun: dict[Hashable, list[int]] = {}
    for sample in order:
        portrait = portraits[sample]
        unit = begun.get(portrait) if portrait is not None else None
        if unit is None or len(unit) == questions:
            units.append([sample])
            if portrait is not None:
                begun[portrait] = units[-1]
        else:
            unit.append(sample)
    return units


def whole_in_batches(units: Sequence[Sequence[int]], batch_size: int, used: int = 0) -> list[int]:
    """Put units one after another so that, cut into batches, few are divided.

    Every unit goes to the first batch that has room for it; units of batches that were not filled come last,
    one after another. Units of one sample keep their order.

    Args:
        units: in order, none larger than a batch.
        batch_size: samples of a batch.
        used: samples that came before; the first batch is what is free of theirs.
    """
    begun = used % batch_size
    batches: list[list[int]] = [[]]
    free = [batch_size - begun]
    for unit in units:
        newest = range(max(0, len(batches) - _OPEN), len(batches))
        index = next((index for index in newest if free[index] >= len(unit)), len(batches))
        if index == len(batches):
            batches.append([])
            free.append(batch_size)
        batches[index] += unit
        free[index] -= len(unit)
    lead, missing = (batches.pop(0), free.pop(0)) if begun else ([], 0)
    filled = [sample for batch, room in zip(batches, free, strict=True) if not room for sample in batch]
    others = [sample for batch, room in zip(batches, free, strict=True) if room for sample in batch]
    order = filled + others
    # What came before must be filled up, or all that follows would be cut in other places.
    whole = max(0, len(order) - missing)
    return lead + order[whole:] + order[:whole]
