"""How long work tells how far it is; one meaning for all rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

_Batch = TypeVar("_Batch", bound=Sequence[object])

Progress = Callable[[int, int], None]
"""Called now and then with the steps done so far and the steps there are; who calls says what a step is.

Steps of another kind follow with a total of their own, or from the first again."""


def counted(batches: Iterable[_Batch], items: int, progress: Progress | None) -> Iterator[_Batch]:
    """Batches as they come; how many of all items are done is told first, and when the next is asked for."""
    done = 0
    if progress is not None:
        progress(done, items)
    for batch in batches:
        yield batch
        done += len(batch)
        if progress is not None:
            progress(done, items)
