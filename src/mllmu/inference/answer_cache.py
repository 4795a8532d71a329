"""An engine that asks nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from mllmu.inference.answer_store import AnswerStore, Key
from mllmu.inference.engine import Engine
from mllmu.inference.request import Request, TokenScores
from mllmu.models import Conversation, Prompt
from mllmu.progress import Progress

# Answers are kept after each so many, so that a killed evaluation loses little; enough to share prefixes.
_REQUESTS_AT_ONCE = 4096


class CachedEngine:
    """Takes from a store what an engine has answered before, and asks it for the rest.

    An answer is found again by a digest of everything that can change it: `Engine.identity`, the prompt as
    the model is given it, its images, and the answer to score or how long and until when to write. The
    identity is taken anew for each call, so that a model that was trained in between is asked again.

    Args:
        engine: asks the model.
        store: where answers are kept.
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

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """See `Engine.render`."""
        return self._engine.render(prompt)

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """See `Engine.score`."""
        keys = self._keys("score", requests, lambda request: [request.answer])

        def ask(places: Sequence[int], progress: Progress) -> list[Any]:
            scores = self._engine.score([requests[place] for place in places], progress)
            return [[one.log_probs, one.is_argmax, one.argmax] for one in scores]

        return [
            TokenScores(tuple(log_probs), tuple(is_argmax), tuple(argmax))
            for log_probs, is_argmax, argmax in self._answers(keys, ask, progress)
        ]

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str]:
        """See `Engine.generate`."""
        keys = self._keys("generate", requests, lambda request: [request.max_new_tokens, request.stop.value])
        starts = scored or [None] * len(requests)

        def ask(places: Sequence[int], progress: Progress) -> list[Any]:
            return self._engine.generate(
                [requests[place] for place in places], [starts[place] for place in places], progress
            )

        return self._answers(keys, ask, progress)

    def _keys(
        self, kind: str, requests: Sequence[Request], details: Callable[[Request], list[Any]]
    ) -> list[Key]:
        """What each request's answer is kept under."""
        who = sha256(self._engine.identity.encode()).hexdigest()
        given = {
            prompt: [rendered.text, *(sha256(image).hexdigest() for image in rendered.images)]
            for prompt in dict.fromkeys(request.prompt for request in requests)
            for rendered in [self._engine.render(prompt)]
        }
        return [
            sha256(json.dumps([who, kind, given[request.prompt], details(request)]).encode()).digest()
            for request in requests
        ]

    def _answers(
        self,
        keys: Sequence[Key],
        ask: Callable[[Sequence[int], Progress], list[Any]],
        progress: Progress | None,
    ) -> list[Any]:
        """The answers of all keys; `ask` is called for places in `keys` that are not in the store."""
        found = self._store.find(keys)
        missing = list({key: place for place, key in enumerate(keys) if key not in found}.values())
        known = len(keys) - len(missing)
        if progress:
            progress(known, len(keys))
        for start in range(0, len(missing), _REQUESTS_AT_ONCE):
            places = missing[start : start + _REQUESTS_AT_ONCE]

            def advance(done: int, _: int, before: int = known + start) -> None:
                if progress:
                    progress(before + done, len(keys))

            new = {keys[place]: answer for place, answer in zip(places, ask(places, advance), strict=True)}
            self._store.add(new)
            found |= new
        return [found[key] for key in keys]
