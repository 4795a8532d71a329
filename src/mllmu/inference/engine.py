"""The one interface through which models are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mllmu.inference.request import Request, TokenScores
from mllmu.models import Conversation, Prompt
from mllmu.progress import Progress


class Engine(Protocol):
    """Answers requests in bulk; results come in the order of the requests.

    `progress`, where given, is called with the requests done and the requests there are.
    """

    @property
    def identity(self) -> str:
        """Everything but the request that can change an answer; answers of equal identities are the same."""
        ...

    @property
    def can_score(self) -> bool:
        """Whether `score` can be had."""
        ...

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """What the model is given for a prompt, system instruction and chat template included."""
        ...

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """Log-probabilities of each request's answer, teacher-forced."""
        ...

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str]:
        """What the model writes greedily, at most `max_new_tokens` long, without special tokens and stripped.

        Args:
            requests: the prompts to continue.
            scored: for each request, what `score` said about any answer to its prompt, or None. Such scores
                hold the start of the greedy answer, which an engine may take over instead of decoding it
                again; the result is the same with and without them.
            progress: see the class.
        """
        ...
