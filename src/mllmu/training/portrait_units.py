"""An order of samples in which questions about one portrait stand together, a chosen number of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from itertools import islice

# Units that are tried for a batch's free rows before one is divided; more hardly divide fewer.
_TRIED = 64


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

    Where the next unit does not fit into what is free of a batch, the first of those after it does that fits;
    where none fits, the next unit is divided.

    Args:
        units: in order.
        batch_size: samples of a batch.
        used: samples of the first batch that came before.
    """
    order: list[int] = []
    waiting = deque(units)
    while waiting:
        free = batch_size - (used + len(order)) % batch_size
        tried = enumerate(islice(waiting, _TRIED))
        fitting = next((index for index, unit in tried if len(unit) <= free), None)
        if fitting is None:
            unit = waiting.popleft()
            waiting.appendleft(unit[free:])
            order += unit[:free]
        else:
            order += waiting[fitting]
            del waiting[fitting]
    return order
