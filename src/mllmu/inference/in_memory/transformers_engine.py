"""The engine for a Hugging Face model in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.entry import Entry
from mllmu.inference.in_memory.gradient_norms import gradient_norm
from mllmu.inference.in_memory.greedy_start import end_tokens, greedy_start
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.in_memory.model_cache_key import model_cache_key
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.parallel_processes import from_all, own_share
from mllmu.inference.prefix_sharing import SharedPrefixes, sharing_engine
from mllmu.inference.replies import reply_scores, reply_text
from mllmu.inference.request import Extra, Request, TokenScores
from mllmu.models import Conversation, LoadedModel, Prompt
from mllmu.models.inputs.rope_lengths import context_length, shared_rope_limit
from mllmu.models.prompts.raw_prompts import raw_prompt
from mllmu.models.wrappers import Route, routes_of, switched
from mllmu.progress import Progress

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class TransformersEngine:
    """Answers requests with a Hugging Face model; common prefixes, images included, are computed once.

    Processes started together, as by ``accelerate launch``, share the requests, and each returns all answers.
    What the model's wrappers answer in its place is scored as `replies` says.

    Args:
        loaded: the model; it is put into evaluation mode and not changed otherwise.
        limits: limits on batches and memory; by default `Limits.of` the model.

    Attributes:
        statistics: counts of what was computed so far.

    Example:
        ::

            engine = TransformersEngine(load_model("tiny"))
            engine.generate([Request(user_turn("Who is this?"), max_new_tokens=5)])
    """

    def __init__(self, loaded: LoadedModel, limits: Limits | None = None) -> None:
        self.statistics = EngineStatistics()
        self._loaded = loaded
        self._encoder = loaded.encoder
        self._limits = limits or Limits.of(loaded)
        self._rope_limit = shared_rope_limit(loaded.model)
        self._is_context_checked = False
        loaded.model.eval()

    @property
    def identity(self) -> str:
        """See `Engine.identity`."""
        return model_cache_key(self._loaded)

    @property
    def can_score(self) -> bool:
        """See `Engine.can_score`."""
        return True

    @property
    def extras(self) -> frozenset[Extra]:
        """See `Engine.extras`."""
        return frozenset(Extra)

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """See `Engine.render`."""
        if isinstance(prompt, Prompt):
            return raw_prompt(self._loaded.processor, prompt)
        return self._loaded.render(prompt)

    def answer_parts(
        self, prompt: Conversation | Prompt, question: str, answer: str, value: str
    ) -> Sequence[AnswerPart]:
        """See `Engine.answer_parts`; a tokenizer that is not a fast one does not tell."""
        if not self._encoder.tokenizer.is_fast:
            return ()
        return self._encoder.answer_parts(self.render(prompt).text, question, answer, value)

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """See `Engine.score`."""
        routes = self._routes(requests)
        entries = [
            Entry(index, request, prompt, tuple(self._encoder.answer_ids(prompt.text, request.answer)))
            for index, (request, prompt) in enumerate(zip(requests, self._prompts(requests), strict=True))
        ]
        scores: dict[int, TokenScores] = {}
        waiting = [one for one in entries if routes[one.index].reply is None]
        done = len(requests) - len(waiting)
        if progress and done:
            progress(done, len(requests))
        own = own_share(waiting, self._encoder.placeholder)
        for batch in self._by_route(own, routes, self._scored):
            scores.update(batch)
            if progress:
                progress(done + len(scores) * len(waiting) // len(own), len(requests))
        scores = from_all(scores)
        vocabulary = self._loaded.model.config.get_text_config().vocab_size
        for one in entries:
            if (reply := routes[one.index].reply) is not None:
                replied = self._encoder.answer_ids(one.prompt.text, reply)
                scores[one.index] = reply_scores(one.after, replied, vocabulary, one.request.extras)
        return [scores[index] for index in range(len(requests))]

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str]:
        """See `Engine.generate`."""
        end_id = self._encoder.answer_form.end_id
        rule = StopRule(self._encoder.tokenizer, end_tokens(self._loaded.model, end_id))
        if self._rope_limit is not None:
            # A scored answer of another length may have had other position embeddings.
            scored = None
        starts = [
            greedy_start(scores, request.stop, request.max_new_tokens, rule)
            for request, scores in zip(requests, scored or [None] * len(requests), strict=True)
        ]
        written = [start for start, _ in starts]
        prompts, routes = self._prompts(requests), self._routes(requests)
        waiting = [
            Entry(index, requests[index], prompt, written[index])
            for index, prompt in enumerate(prompts)
            if not starts[index][1] and routes[index].reply is None
        ]
        done = len(requests) - len(waiting)
        if progress:
            progress(done, len(requests))
        own = own_share(waiting, self._encoder.placeholder)
        rest: dict[int, tuple[int, ...]] = {}
        for batch in self._by_route(own, routes, lambda part: self.backend.generate(part, rule)):
            rest.update(batch)
            if progress:
                progress(done + len(rest) * len(waiting) // len(own), len(requests))
        for index, tokens in from_all(rest).items():
            # The rest is cut together with the start, because a character may have bytes in both.
            request, answer = requests[index], written[index] + tokens
            written[index], _ = rule.truncate(answer, request.stop, request.max_new_tokens)
        texts = [rule.text(tokens) for tokens in written]
        for index, (request, prompt) in enumerate(zip(requests, prompts, strict=True)):
            if (reply := routes[index].reply) is not None:
                replied = self._encoder.answer_ids(prompt.text, reply)
                texts[index] = reply_text(replied, request.stop, request.max_new_tokens, rule)
        return texts

    def _scored(self, entries: Sequence[Entry]) -> Iterator[list[tuple[int, TokenScores]]]:
        """Batches of entries' indices with all that is asked of their answers."""
        pulled = {one.index: one for one in entries if Extra.GRADIENT_NORMS in one.request.extras}
        for batch in self.backend.score(entries):
            if done := [(index, scores) for index, scores in batch if index not in pulled]:
                yield done
            for index, scores in batch:
                if index in pulled:  # one at a time, so that progress does not stand still for a batch
                    norm = gradient_norm(self._loaded, pulled[index])
                    yield [(index, replace(scores, gradient_norm=norm))]

    def _routes(self, requests: Sequence[Request]) -> list[Route]:
        """The way of each request's prompt through the wrappers."""
        prompts = list(dict.fromkeys(request.prompt for request in requests))
        loaded = self._loaded
        routes = routes_of(loaded.wrappers, loaded.model, self._encoder, prompts)
        by_prompt = dict(zip(prompts, routes, strict=True))
        return [by_prompt[request.prompt] for request in requests]

    def _by_route(
        self,
        entries: Sequence[Entry],
        routes: Sequence[Route],
        answer: Callable[[Sequence[Entry]], Iterable[T]],
    ) -> Iterator[T]:
        """What is answered to entries, those of one way together."""
        ways: dict[Route, list[Entry]] = {}
        for entry in entries:
            ways.setdefault(routes[entry.index], []).append(entry)
        if ways:
            self.backend  # noqa: B018 - chosen while nothing is switched on
        for route, together in ways.items():
            with switched(self._loaded.wrappers, route):
                yield from answer(together)

    def _prompts(self, requests: Sequence[Request]) -> list[Prompt]:
        """Rendered prompts of all requests; every distinct conversation is rendered once."""
        rendered = {prompt: self.render(prompt) for prompt in {request.prompt for request in requests}}
        if rendered and not self._is_context_checked:
            self._is_context_checked = True
            self._tell_of_long_prompts(rendered.values())
        return [rendered[request.prompt] for request in requests]

    def _tell_of_long_prompts(self, prompts: Collection[Prompt]) -> None:
        """Warn of the longest prompt where the context of the model does not hold it."""
        limit = context_length(self._loaded.model)
        if limit is None:
            return
        # Pictures take most of a prompt's tokens, and as many each.
        longest = max(prompts, key=lambda one: (len(one.images), len(one.text)))
        length = len(self._encoder.layout(longest).ids)
        if length > limit:
            what = "A prompt has %d tokens, and the context of %s ends after %d: what it answers says little."
            _LOG.warning(what, length, self._loaded.source, limit)

    @cached_property
    def backend(self) -> SharedPrefixes | PlainBatches:
        """What computes the answers: prefix sharing if the model supports it, else plain batches."""
        name = type(self._loaded.model).__name__
        if self._rope_limit is not None:
            _LOG.info(
                "position embeddings of %s depend on the longest row of a batch; prefixes are not shared, "
                "and rows of %d tokens or more are computed one by one",
                name,
                self._rope_limit,
            )
            return PlainBatches(self._loaded, self._limits, self.statistics)
        sharing = sharing_engine(self._loaded, self._limits, self.statistics)
        if sharing is not None:
            return sharing
        _LOG.info("%s does not support prefix sharing; requests are computed one per row", name)
        return PlainBatches(self._loaded, self._limits, self.statistics)
