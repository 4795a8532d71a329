"""Divides requests among processes started together, as by ``accelerate launch``.

Each process has the whole model and answers its share of the requests; then all answers are gathered in each.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from mllmu.inference.entry import Entry

if TYPE_CHECKING:
    from accelerate import PartialState

T = TypeVar("T")


def is_main_process() -> bool:
    """Whether this is the process that writes results (rank 0); true if there is only one.

    Example:
        >>> is_main_process()  # without accelerate launch
        True
    """
    return int(os.environ.get("RANK", "0")) == 0


def own_share(entries: Sequence[Entry], placeholder: str) -> Sequence[Entry]:
    """The entries that this process answers: about as much text as others get, with common prefixes together.

    Args:
        entries: entries of all processes, which are the same in each.
        placeholder: the text that marks an image in prompts.
    """
    state = _processes()
    if state is None:
        return entries
    ordered = sorted(entries, key=lambda entry: _with_images(entry, placeholder))
    shares: list[list[Entry]] = [[] for _ in range(state.num_processes)]
    before = list(accumulate((len(entry.prompt.text) for entry in ordered), initial=0))
    for entry, start in zip(ordered, before, strict=False):
        shares[start * state.num_processes // max(1, before[-1])].append(entry)
    return shares[state.process_index]


def from_all(results: dict[int, T]) -> dict[int, T]:
    """The results of all processes, gathered in each; the results themselves if there is one process."""
    if _processes() is None:
        return results
    from accelerate.utils import gather_object

    return dict(gather_object(list(results.items())))


def _processes() -> PartialState | None:
    """Accelerate's state of this process; None if there is only one process."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import PartialState

    return PartialState()


def _with_images(entry: Entry, placeholder: str) -> tuple[bytes, ...]:
    """A prompt's text with the bytes of its images in place of the placeholders, as a sort key."""
    first, *others = entry.prompt.text.encode().split(placeholder.encode())
    pairs = zip(entry.prompt.images, others, strict=False)
    return (first, *(part for pair in pairs for part in pair))
