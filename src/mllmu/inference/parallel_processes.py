"""Processes that were started together, as ``accelerate launch`` does, share the requests.

Each has the whole model and reads its part of the tree; every one ends with all answers.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from mllmu.inference.prefix_sharing.symbol_sequences import Entry

if TYPE_CHECKING:
    from accelerate import PartialState

T = TypeVar("T")


def is_main_process() -> bool:
    """Whether this process writes what all have found; true where there is only one."""
    return int(os.environ.get("RANK", "0")) == 0


def own_share(entries: Sequence[Entry], placeholder: str) -> Sequence[Entry]:
    """The entries this process answers: neighbours in the tree, about as much text as others have.

    Args:
        entries: those of all processes, which are the same everywhere.
        placeholder: what stands for a picture in prompts.
    """
    state = _processes()
    if state is None:
        return entries
    ordered = sorted(entries, key=lambda entry: _spelt_out(entry, placeholder))
    shares: list[list[Entry]] = [[] for _ in range(state.num_processes)]
    before = list(accumulate((len(entry.prompt.text) for entry in ordered), initial=0))
    for entry, start in zip(ordered, before, strict=False):
        shares[start * state.num_processes // max(1, before[-1])].append(entry)
    return shares[state.process_index]


def from_all(found: dict[int, T]) -> dict[int, T]:
    """What all processes have found together."""
    if _processes() is None:
        return found
    from accelerate.utils import gather_object

    return dict(gather_object(list(found.items())))


def _processes() -> PartialState | None:
    """This process among the others; None where there are no others."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import PartialState

    return PartialState()


def _spelt_out(entry: Entry, placeholder: str) -> tuple[bytes, ...]:
    """A prompt with its pictures in their places."""
    first, *others = entry.prompt.text.encode().split(placeholder.encode())
    pairs = zip(entry.prompt.images, others, strict=False)
    return (first, *(part for pair in pairs for part in pair))
