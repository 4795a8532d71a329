"""Input sequences of the language model as integer symbols, equal if and only if the inputs are equal.

A symbol is a token id, or, in place of an image token, a negative number that identifies one feature of one
image. Prompts with the same images so begin with the same symbols, and prompts with different images do not,
although their token ids are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Symbols = NDArray[np.integer]
EntryT = TypeVar("EntryT")


@dataclass(frozen=True, eq=False)
class SymbolSequence(Generic[EntryT]):
    """The language model's input for one entry.

    Attributes:
        entry: what the sequence was made for.
        symbols: [t] the prompt, and the tokens after it up to the last one whose output is needed.
        positions: [axes, t] position ids.
        first: index of the first symbol whose output is needed.
    """

    entry: EntryT
    symbols: Symbols
    positions: Symbols
    first: int
