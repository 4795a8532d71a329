"""Divides requests among processes started together, as by ``accelerate launch``.

Each process has the whole model and answers its share of the requests; then all answers are gathered in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from mllmu.errors import UserError
from mllmu.inference.in_memory.entry import Entry
from mllmu.processes import from_each, process_count, process_rank

T = TypeVar("T")


def own_share(entries: Sequence[Entry], placeholder: str) -> Sequence[Entry]:
    """The entries that this process answers: about as much text as others get, with common prefixes together.

    Args:
        entries: entries of all processes, which are the same in each.
        placeholder: the text that marks an image in prompts.
    """
    count = process_count()
    if count == 1:
        return entries
    ordered = sorted(entries, key=lambda entry: _with_images(entry, placeholder))
    shares: list[list[Entry]] = [[] for _ in range(count)]
    before = list(accumulate((len(entry.prompt.text) for entry in ordered), initial=0))
    for entry, start in zip(ordered, before, strict=False):
        shares[start * count // max(1, before[-1])].append(entry)
    return shares[process_rank()]


def from_all(results: dict[int, T]) -> dict[int, T]:
    """The results of all processes, gathered in each; the results themselves if there is one process."""
    return {index: result for share in from_each(results) for index, result in share.items()}


def require_alike(value: object, what: str) -> None:
    """Check that all processes have the same of something, before they share out requests by their numbers.

    Args:
        value: this process's.
        what: it is called in the plural, e.g. ``questions``.

    Raises:
        UserError: in every process, if two of them differ.
    """
    first, *others = from_each(value)
    for rank, other in enumerate(others, start=1):
        if other != first:
            raise UserError(
                f"Process {rank} has other {what} than process 0; expected the same in all processes that "
                "answer questions together."
            )


def _with_images(entry: Entry, placeholder: str) -> tuple[bytes, ...]:
    """A prompt's text with the bytes of its images in place of the placeholders, as a sort key."""
    first, *others = entry.prompt.text.encode().split(placeholder.encode())
    pairs = zip(entry.prompt.images, others, strict=False)
    return (first, *(part for pair in pairs for part in pair))
