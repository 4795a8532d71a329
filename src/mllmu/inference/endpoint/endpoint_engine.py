"""The engine for a model behind an OpenAI-compatible server."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed, wait
from functools import cached_property
from typing import ClassVar, TypeVar

from mllmu.benchmark.language.answer_parts import AnswerPart
from mllmu.errors import UserError
from mllmu.inference.endpoint.answer_reading import WrittenAnswer, read_answer
from mllmu.inference.endpoint.daemon_threads import begin_calls
from mllmu.inference.endpoint.messages import answered, chat_messages, require_known_words, transcript
from mllmu.inference.endpoint.prompt_scores import (
    CLOSED,
    EXTENSION,
    OPEN_ENDED,
    prompt_entries,
    prompt_length,
    scores_from_entries,
    words_of,
)
from mllmu.inference.endpoint.server import RequestRefusedError, Server
from mllmu.inference.partial_answers import InterruptedAnswers, PartialAnswersError
from mllmu.inference.request import Extra, Request, TokenScores
from mllmu.models import Conversation, Prompt, user_turn
from mllmu.models.storage.model_settings import read_settings
from mllmu.progress import Progress

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
_PROBE = user_turn("Is it warm?")
_PROBE_ANSWER = "yes"


class EndpointEngine:
    """Answers requests over the chat-completions protocol, several at a time.

    The server renders conversations with its own chat template, decodes greedily and may share prefixes (vLLM
    and SGLang do). It does not support `Request.stop`: every answer continues to its end token or limit, and
    begins like the stopped answer.

    Args:
        server: the server and its model.
        concurrency: maximum number of simultaneous requests.
        system_prompt: system instruction of every conversation; empty for none.

    Raises:
        UserError: if the server names its model by a folder here, whose wrappers it cannot have, or the
            instruction holds a control token.

    Example:
        ::

            engine = EndpointEngine(connect("http://localhost:8000/v1"))
            engine.generate([Request(user_turn("Who is this?"), max_new_tokens=5)])
    """

    extras: ClassVar[frozenset[Extra]] = frozenset()
    """See `Engine.extras`; a server shows neither whole predictions nor gradients."""

    def __init__(self, server: Server, concurrency: int = 32, system_prompt: str = "") -> None:
        _require_unwrapped(server)
        self._server = server
        self._concurrency = concurrency
        require_known_words(system_prompt)
        self._system = system_prompt

    @property
    def identity(self) -> str:
        """See `Engine.identity`; made of the server's listing, which need not show a change of weights."""
        named = {"url": self._server.url, "model": self._server.model, "listing": self._server.listing}
        return json.dumps(named, sort_keys=True)

    @property
    def can_score(self) -> bool:
        """See `Engine.can_score`; determined by one trial."""
        return self._closing is not None

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """See `Engine.render`; the messages as sent, because the server does not show its rendered prompt."""
        return transcript(self._conversation(prompt), self._system)

    def answer_parts(
        self, prompt: Conversation | Prompt, question: str, answer: str, value: str
    ) -> Sequence[AnswerPart]:
        """See `Engine.answer_parts`; a server does not tell which characters its tokens cover."""
        return ()

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """See `Engine.score`; the end token is the first token of the server's template after an answer.

        Raises:
            UserError: if the server gives no log-probabilities, cannot be reached, or keeps failing.
        """
        if not requests:
            return []
        self._check(requests)
        closing = self._closing
        if closing is None:
            raise UserError(
                f"{self._server.url} cannot score answers; expected log-probabilities of a prompt "
                "(prompt_logprobs, as vLLM gives) and a chat template with an end token, for every metric of "
                "likelihood: option and letter likelihood, probability, truth ratio, memorization. "
                "Metrics of what the model writes can be had."
            )
        # Answer tokens start at the prompt's length, which is requested once per prompt.
        prompts = list(dict.fromkeys(self._conversation(request.prompt) for request in requests))
        try:
            lengths = dict(zip(prompts, self._in_parallel(prompts, self._length, None), strict=True))
        except PartialAnswersError as error:  # lengths are no answers
            raise UserError(str(error)) from error
        except InterruptedAnswers:
            raise KeyboardInterrupt from None

        def scored(request: Request) -> TokenScores:
            conversation = self._conversation(request.prompt)
            messages = answered(chat_messages(conversation, self._system), request.answer)
            response = self._server.chat(messages, 1, **EXTENSION, **CLOSED)
            entries = prompt_entries(response) or []
            return scores_from_entries(entries[lengths[conversation] : len(entries) - closing])

        return self._in_parallel(requests, scored, progress)

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str | None]:
        """See `Engine.generate`; scores are ignored, and reasoning is no part of an answer.

        Answers that are empty, filtered, refused or nothing but reasoning are missing (None); how many, and
        why, is logged.

        Raises:
            UserError: if the server cannot be reached, keeps failing, or sends no chat completion; a
                `PartialAnswersError` where it had given answers before.
        """
        self._check(requests)

        def written(request: Request) -> WrittenAnswer:
            messages = chat_messages(self._conversation(request.prompt), self._system)
            answer = read_answer(self._server.chat(messages, request.max_new_tokens))
            if answer is None:
                raise UserError(
                    f"{self._server.url} sent no answer; expected a chat completion with one choice, whose "
                    "message has content."
                )
            return answer

        try:
            answers = self._in_parallel(requests, written, progress)
        except (PartialAnswersError, InterruptedAnswers) as error:
            raise error.having({index: answer.text for index, answer in error.answers.items()}) from error
        self._tell(answers)
        return [answer.text for answer in answers]

    def _tell(self, answers: Sequence[WrittenAnswer]) -> None:
        """Log what is odd about answers, with counts."""
        url, count = self._server.url, len(answers)
        reasons = Counter(answer.missing_because for answer in answers if answer.text is None)
        if reasons:
            shown = "; ".join(f"{number} {reason}" for reason, number in reasons.most_common())
            _LOG.warning("%d of %d answers of %s are missing: %s.", reasons.total(), count, url, shown)
        if reasoned := sum(answer.has_reasoning for answer in answers):
            _LOG.warning("%d of %d answers of %s came with reasoning, left out.", reasoned, count, url)
        if cut := sum(answer.was_cut and answer.text is not None for answer in answers):
            level = logging.WARNING if cut > count / 2 else logging.INFO
            _LOG.log(
                level,
                "%d of %d answers of %s end at their limit of tokens; those of a model that thinks first, "
                "behind a server that does not take thoughts off, are no answers yet.",
                cut,
                count,
                url,
            )

    @cached_property
    def _closing(self) -> int | None:
        """Number of the template's tokens after an answer's end token; None if the server cannot score."""
        messages = answered(chat_messages(_PROBE, self._system), _PROBE_ANSWER)
        try:
            closed = prompt_entries(self._server.chat(messages, 1, **EXTENSION, **CLOSED))
            opened = prompt_entries(self._server.chat(messages, 1, **EXTENSION, **OPEN_ENDED))
        except RequestRefusedError:
            return None
        if closed is None or opened is None:
            return None
        if len(closed) <= len(opened):
            _LOG.warning("The chat template of %s puts no end token after an answer.", self._server.url)
            return None
        closing = len(closed) - len(opened) - 1
        words = words_of(closed[self._length(_PROBE) : len(closed) - closing - 1])
        if words is not None and "".join(words.split()) != _PROBE_ANSWER:
            _LOG.warning(
                "The chat template of %s writes %r where the answer %r begins; no likelihood can be told.",
                self._server.url,
                words,
                _PROBE_ANSWER,
            )
            return None
        return closing

    def _length(self, conversation: Conversation) -> int:
        """Length of the rendered prompt, in tokens."""
        return prompt_length(self._server.chat(chat_messages(conversation, self._system), 1))

    def _conversation(self, prompt: Conversation | Prompt) -> Conversation:
        if isinstance(prompt, Prompt):
            raise UserError(
                f"{self._server.url} takes conversations, and this protocol gives the model text of its own "
                "wording; expected the protocol 'strict', or a model in memory."
            )
        for message in prompt.messages:
            require_known_words(message.text)
        return prompt

    def _check(self, requests: Sequence[Request]) -> None:
        """Refuse what a server would misread, before any of the requests is sent."""
        for request in requests:
            self._conversation(request.prompt)
            require_known_words(request.answer)

    def _in_parallel(self, items: Sequence[T], work: Callable[[T], R], progress: Progress | None) -> list[R]:
        """The results of all items, in order; the first error cancels the others, and Ctrl-C waits for none.

        Raises:
            PartialAnswersError: if an item has an error that the user is told, and others have results.
            InterruptedAnswers: if somebody stops it, and items have results.
        """
        jobs = begin_calls(work, items, self._concurrency)
        try:
            for done, job in enumerate(as_completed(jobs), start=1):
                job.result()
                if progress:
                    progress(done, len(jobs))
        except UserError as error:
            wait([job for job in jobs if not job.cancel()])
            if answers := _results(jobs):
                raise PartialAnswersError(str(error), answers) from error
            raise
        except KeyboardInterrupt as stop:
            if answers := _results(jobs):
                raise InterruptedAnswers(answers) from stop
            raise
        finally:
            for job in jobs:
                job.cancel()
        return [job.result() for job in jobs]


def _require_unwrapped(server: Server) -> None:
    """Servers name a model by its folder; what stands around it there would be left out without a word."""
    if wrappers := read_settings(server.model).get("wrappers"):
        raise UserError(
            f"{server.url} serves {server.model} without its wrappers ({', '.join(map(str, wrappers))}), "
            "which act on a model in memory alone; expected the folder itself as the model."
        )


def _results(jobs: Sequence[Future[R]]) -> dict[int, R]:
    """What those that have ended well have given, by their number."""
    ended = ((index, job) for index, job in enumerate(jobs) if job.done() and not job.cancelled())
    return {index: job.result() for index, job in ended if job.exception() is None}
