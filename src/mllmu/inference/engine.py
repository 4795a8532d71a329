"""The interface of all engines: whatever scores and generates answers of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.inference.request import Extra, Request, TokenScores
from mllmu.models import Conversation, Prompt
from mllmu.progress import Progress


class Engine(Protocol):
    """Scores and generates answers to many requests; results have the order of the requests.

    `progress`, if given, is called with the number of finished requests and the number of all requests.
    """

    @property
    def identity(self) -> str:
        """Cache key of the model: equal keys guarantee equal answers to the same request."""
        ...

    @property
    def can_score(self) -> bool:
        """Whether the engine supports `score`."""
        ...

    @property
    def extras(self) -> frozenset[Extra]:
        """What `score` can tell besides log-probabilities, where a request asks for it."""
        ...

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """The prompt as the model receives it, with system instruction and chat template."""
        ...

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """Log-probabilities of each request's answer, teacher-forced."""
        ...

    def answer_parts(
        self, prompt: Conversation | Prompt, question: str, answer: str, value: str
    ) -> Sequence[AnswerPart]:
        """What each token that `score` scores of an answer does; empty where the engine cannot tell.

        Args:
            prompt: what the model receives before the answer.
            question: what it asks, as the benchmark words it.
            answer: the answer.
            value: what it states; empty if not known.
        """
        ...

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> Sequence[str | None]:
        """Greedily generated answers, without special tokens and stripped of white space.

        None stands for an answer that a server did not give; it says nothing about the model. A model in
        memory always answers, if only with an empty text.

        Args:
            requests: prompts with the limits of the answers.
            scored: for each request the scores of any answer to its prompt, or None. An engine may read the
                start of the greedy answer off them instead of generating it; results are the same.
            progress: see the class.
        """
        ...
