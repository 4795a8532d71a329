"""Decides from the generated tokens whether an answer is complete."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mllmu.inference.request import Stop

# A decoder puts this for bytes of an incomplete character, which the next tokens may complete.
_UNFINISHED = "\N{REPLACEMENT CHARACTER}"
_FIRST_WORD = re.compile(r"^\w+")


class StopRule:
    """Cuts generated tokens off where the answer ends.

    Args:
        tokenizer: the model's tokenizer.
        ends: ids of the tokens that end an answer.
    """

    def __init__(self, tokenizer: Any, ends: tuple[int, ...]) -> None:
        self.ends = ends
        self._tokenizer = tokenizer

    def text(self, tokens: Sequence[int]) -> str:
        """Decode tokens without special tokens, and strip white space at both ends."""
        return self._decode(tokens).strip()

    def truncate(self, tokens: Sequence[int], stop: Stop, limit: int) -> tuple[tuple[int, ...], bool]:
        """The tokens that belong to the answer, and whether the answer is complete with them.

        Args:
            tokens: token ids generated so far, in order; at least one.
            stop: what ends the answer besides an end token.
            limit: maximum number of tokens of an answer.
        """
        limited = tuple(tokens[:limit])
        end = next((index for index, token in enumerate(limited) if token in self.ends), None)
        answer = limited[:end]
        if stop is not Stop.END_TOKEN:
            decided = next((n for n in range(1, len(answer) + 1) if self._decided(answer[:n], stop)), None)
            if decided is not None:
                return answer[:decided], True
        return answer, end is not None or len(limited) == limit

    def _decided(self, tokens: Sequence[int], stop: Stop) -> bool:
        """Whether no further token can change the first visible character, or the first word."""
        text = self._decode(tokens).lstrip()
        beyond = text if stop is Stop.FIRST_CHARACTER else _FIRST_WORD.sub("", text)
        return bool(beyond.strip(_UNFINISHED))

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))
