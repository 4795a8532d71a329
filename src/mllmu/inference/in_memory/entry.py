"""A request prepared for a model in memory: the prompt as text and the token ids that follow it."""

from __future__ import annotations

from dataclasses import dataclass

from mllmu.inference.request import Request
from mllmu.models import Prompt

Generated = tuple[int, tuple[int, ...]]
"""An entry's index and the token ids that the model generated for it."""


@dataclass(frozen=True)
class Entry:
    """One request with its rendered prompt and the tokens that follow the prompt.

    Attributes:
        index: index of the request in the caller's list.
        request: the request as the caller gave it.
        prompt: the text and images that the model receives.
        after: token ids after the prompt: the answer to score, end token included; or, for generation, the
            start of the answer if it is already determined.
    """

    index: int
    request: Request
    prompt: Prompt
    after: tuple[int, ...]

    @property
    def tokens_left(self) -> int:
        """Maximum number of tokens that may still be generated after `after`."""
        return self.request.max_new_tokens - len(self.after)
