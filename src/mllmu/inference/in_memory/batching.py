"""Divides work into batches that fit into memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")


def by_budget(
    items: Sequence[T], length: Callable[[T], int], max_tokens: int, max_rows: int
) -> Iterator[list[T]]:
    """Batches of items of similar length, the longest first, so that running out of memory shows at once.

    Args:
        items: in any order.
        length: number of tokens of an item.
        max_tokens: maximum tokens of a batch, padding included; a longer item has a batch of its own.
        max_rows: maximum items of a batch.
    """
    batch: list[T] = []
    for item in sorted(items, key=length, reverse=True):
        # Items come longest first, so the first of a batch says how far the others are padded.
        longest = length(batch[0]) if batch else 0
        if batch and (len(batch) == max_rows or (len(batch) + 1) * longest > max_tokens):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def halving(run: Callable[[Sequence[T]], list[R]], batch: Sequence[T]) -> list[R]:
    """Run a batch; if memory runs out, run its halves one after the other, and so on.

    Raises:
        RuntimeError: if memory runs out for a single item, or `run` raises another one.
    """
    try:
        return run(batch)
    except RuntimeError as error:
        if len(batch) == 1 or not out_of_memory(error):
            raise
    # After the handler, because the exception refers to the tensors of the failed attempt.
    release_memory()
    middle = len(batch) // 2
    return halving(run, batch[:middle]) + halving(run, batch[middle:])


def release_memory() -> None:
    """Return unused memory to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def out_of_memory(error: RuntimeError) -> bool:
    """Whether an error says that memory ran out, on a GPU (an exception of its own) or on the CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
