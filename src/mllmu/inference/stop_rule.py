"""When an answer that is being written is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mllmu.inference.request import Stop

# What stands for bytes that are no character yet; the tokens after them may complete it.
_UNFINISHED = "\N{REPLACEMENT CHARACTER}"
_FIRST_WORD = re.compile(r"^\w+")


class StopRule:
    """Finds the end of written tokens.

    Args:
        tokenizer: of the model that writes.
        ends: ids that end an answer.
    """

    def __init__(self, tokenizer: Any, ends: tuple[int, ...]) -> None:
        self.ends = ends
        self._tokenizer = tokenizer

    def text(self, tokens: Sequence[int]) -> str:
        """Written tokens as text, without special tokens and stripped."""
        return self._decode(tokens).strip()

    def kept(self, tokens: Sequence[int], stop: Stop, limit: int) -> tuple[tuple[int, ...], bool]:
        """The tokens that belong to the answer, and whether it ends with them.

        Args:
            tokens: what was written so far, at least one token, in the order of writing.
            stop: the request's rule.
            limit: most tokens of an answer.
        """
        told = tuple(tokens[:limit])
        end = next((place for place, token in enumerate(told) if token in self.ends), None)
        kept = told[:end]
        if stop is not Stop.END_TOKEN:
            decided = next((n for n in range(1, len(kept) + 1) if self._decided(kept[:n], stop)), None)
            if decided is not None:
                return kept[:decided], True
        return kept, end is not None or len(told) == limit

    def _decided(self, tokens: Sequence[int], stop: Stop) -> bool:
        """Whether no further token can change the first visible character, or the first word."""
        text = self._decode(tokens).lstrip()
        beyond = text if stop is Stop.FIRST_CHARACTER else _FIRST_WORD.sub("", text)
        return bool(beyond.strip(_UNFINISHED))

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))
