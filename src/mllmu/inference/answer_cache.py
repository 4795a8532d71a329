"""An engine that caches the answers of another engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.inference.answer_store import AnswerStore, Key
from mllmu.inference.engine import Engine
from mllmu.inference.parallel_processes import require_alike
from mllmu.inference.partial_answers import InterruptedAnswers, PartialAnswersError
from mllmu.inference.request import Extra, Request, TokenScores
from mllmu.models import Conversation, Prompt
from mllmu.processes import from_main, is_main_process
from mllmu.progress import Progress

# Answers are stored after so many requests, so that little is lost if the process is killed.
_REQUESTS_AT_ONCE = 4096


class CachedEngine:
    """Reads answers from a store, and asks another engine only for those that are missing.

    The key of an answer is a SHA-256 digest of everything that can change it: `Engine.identity`, the rendered
    prompt, its images, and the answer to score, with what else is told of it, or the limits of the answer to
    generate. The identity is computed again at each call, so that a model that was trained in between gets
    new answers.

    Of processes started together only the first reads and writes the store: others might find more or less
    in it, and the engine shares out what is missing by its numbers.

    Args:
        engine: answers the requests that are not in the store.
        store: the stored answers.

    Example:
        ::

            engine = CachedEngine(TransformersEngine(loaded), AnswerStore(Path("answers.sqlite")))
    """

    def __init__(self, engine: Engine, store: AnswerStore) -> None:
        self._engine = engine
        self._store = store

    @property
    def identity(self) -> str:
        """See `Engine.identity`."""
        return self._engine.identity

    @property
    def can_score(self) -> bool:
        """See `Engine.can_score`."""
        return self._engine.can_score

    @property
    def extras(self) -> frozenset[Extra]:
        """See `Engine.extras`."""
        return self._engine.extras

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """See `Engine.render`."""
        return self._engine.render(prompt)

    def answer_parts(
        self, prompt: Conversation | Prompt, question: str, answer: str, value: str
    ) -> Sequence[AnswerPart]:
        """See `Engine.answer_parts`."""
        return self._engine.answer_parts(prompt, question, answer, value)

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """See `Engine.score`."""
        keys = self._keys("score", requests, lambda request: [request.answer, *sorted(request.extras)])

        def ask(indices: Sequence[int], progress: Progress) -> list[Any]:
            return [_as_json(one) for one in self._engine.score([requests[i] for i in indices], progress)]

        return [_from_json(*stored) for stored in self._answers(keys, ask, progress)]

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str | None]:
        """See `Engine.generate`; a missing answer is not stored, and asked for again next time."""
        keys = self._keys("generate", requests, lambda request: [request.max_new_tokens, request.stop.value])
        starts = scored or [None] * len(requests)

        def ask(indices: Sequence[int], progress: Progress) -> list[Any]:
            return list(
                self._engine.generate(
                    [requests[index] for index in indices], [starts[index] for index in indices], progress
                )
            )

        return self._answers(keys, ask, progress)

    def _keys(
        self, kind: str, requests: Sequence[Request], details: Callable[[Request], list[Any]]
    ) -> list[Key]:
        """The cache key of each request's answer.

        Raises:
            UserError: processes that were started together have other keys.
        """
        model = sha256(self._engine.identity.encode()).hexdigest()
        prompts = {
            prompt: [rendered.text, *(sha256(image).hexdigest() for image in rendered.images)]
            for prompt in dict.fromkeys(request.prompt for request in requests)
            for rendered in [self._engine.render(prompt)]
        }
        keys = [
            sha256(json.dumps([model, kind, prompts[request.prompt], details(request)]).encode()).digest()
            for request in requests
        ]
        require_alike(model, "models, kinds of device or versions of libraries")
        require_alike(sha256(b"".join(keys)).digest(), "questions")
        return keys

    def _answers(
        self,
        keys: Sequence[Key],
        ask: Callable[[Sequence[int], Progress], list[Any]],
        progress: Progress | None,
    ) -> list[Any]:
        """The answers of all keys; `ask` is called for the indices of keys that are not in the store."""
        answers = from_main(lambda: self._store.find(keys))
        missing = list({key: index for index, key in enumerate(keys) if key not in answers}.values())
        stored = len(keys) - len(missing)
        if progress:
            progress(stored, len(keys))
        for start in range(0, len(missing), _REQUESTS_AT_ONCE):
            indices = missing[start : start + _REQUESTS_AT_ONCE]

            def advance(done: int, _: int, before: int = stored + start) -> None:
                if progress:
                    progress(before + done, len(keys))

            try:
                new = {keys[index]: one for index, one in zip(indices, ask(indices, advance), strict=True)}
            except (PartialAnswersError, InterruptedAnswers) as error:
                self._add({keys[indices[row]]: _as_json(one) for row, one in error.answers.items()})
                raise
            self._add(new)
            answers |= new
        return [answers[key] for key in keys]

    def _add(self, answers: Mapping[Key, Any]) -> None:
        """Store answers, but not that one is missing."""
        if is_main_process():
            self._store.add({key: answer for key, answer in answers.items() if answer is not None})


def _as_json(answer: TokenScores | str | None) -> Any:
    """An answer as it is stored."""
    if isinstance(answer, TokenScores):
        return [answer.log_probs, answer.is_argmax, answer.argmax, answer.moments, answer.gradient_norm]
    return answer


def _from_json(
    log_probs: list[float],
    is_argmax: list[bool],
    argmax: list[int],
    moments: Sequence[tuple[float, float]] = (),
    gradient_norm: float | None = None,
) -> TokenScores:
    """Scores as they were before they were stored; stores of earlier versions hold the first three."""
    pairs = tuple((mean, deviation) for mean, deviation in moments)
    return TokenScores(tuple(log_probs), tuple(is_argmax), tuple(argmax), pairs, gradient_norm)
