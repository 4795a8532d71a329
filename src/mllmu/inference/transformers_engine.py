"""Asking a model that is in memory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mllmu.inference.batching import by_budget, halving
from mllmu.inference.greedy import continue_greedily, end_tokens, known_start
from mllmu.inference.layout import LINES, TREES, Layout
from mllmu.inference.likelihood import score_rows
from mllmu.inference.packing import Row
from mllmu.inference.request import Request, Stop, TokenScores
from mllmu.inference.sequences import extended, token_sequences
from mllmu.inference.stopping import StopRule
from mllmu.inference.trees import attends_along_trees
from mllmu.models import Conversation, Encoded, LoadedModel, Prompt, render
from mllmu.progress import Progress

_LOG = logging.getLogger(__name__)
_MAX_ROWS = 256
_MAX_NODES = 256
# On a CPU larger batches leave the caches and are slower; decoding, a token per row at a time, is not.
_MAX_CPU_TOKENS = 2048


@dataclass(frozen=True)
class _Continuation:
    """One prompt to continue after the start of its answer that is known already."""

    index: int
    encoded: Encoded
    room: int
    stop: Stop

    def length(self) -> int:
        """Tokens of the finished row."""
        return len(self.encoded) + self.room


class TransformersEngine:
    """Asks a Hugging Face model, sharing what requests share, in batches of similar length.

    Args:
        loaded: the model; it is put into evaluation mode and otherwise left as it is.
        max_batch_tokens: most tokens computed at once, padding and room for new tokens included.
    """

    def __init__(self, loaded: LoadedModel, max_batch_tokens: int = 16384) -> None:
        self._loaded = loaded
        self._model = loaded.model.eval()
        self._encoder = loaded.encoder
        self._max_tokens = max_batch_tokens
        on_cpu = loaded.device.type == "cpu"
        self._max_scored_tokens = min(max_batch_tokens, _MAX_CPU_TOKENS) if on_cpu else max_batch_tokens

    def render(self, prompt: Conversation | Prompt) -> Prompt:
        """See `Engine.render`."""
        if isinstance(prompt, Prompt):
            return prompt
        return render(self._loaded.processor, prompt, self._loaded.system_prompt)

    def score(self, requests: Sequence[Request], progress: Progress | None = None) -> list[TokenScores]:
        """See `Engine.score`."""
        rows = self._layout.rows(
            token_sequences(self._encoder, self._prompts(requests), [one.answer for one in requests]),
            _MAX_NODES,
        )
        scores: dict[int, TokenScores] = {}
        for batch in by_budget(rows, len, self._max_scored_tokens, _MAX_ROWS):
            found = halving(self._score_rows, batch)
            members = [sequence.index for row in batch for sequence, _ in row.members]
            scores.update(zip(members, found, strict=True))
            if progress:
                progress(len(scores), len(requests))
        return [scores[index] for index in range(len(requests))]

    def generate(
        self,
        requests: Sequence[Request],
        scored: Sequence[TokenScores | None] | None = None,
        progress: Progress | None = None,
    ) -> list[str]:
        """See `Engine.generate`."""
        rule = StopRule(self._encoder.tokenizer, end_tokens(self._model, self._encoder.tokenizer))
        written: list[tuple[int, ...]] = []
        waiting: list[_Continuation] = []
        prompts = self._prompts(requests)
        for index, (request, scores) in enumerate(
            zip(requests, scored or [None] * len(requests), strict=True)
        ):
            known, finished = known_start(scores, request.stop, request.max_new_tokens, rule)
            written.append(known)
            if not finished:
                encoded = extended(self._encoder.encode(prompts[index]), known)
                room = request.max_new_tokens - len(known)
                waiting.append(_Continuation(index, encoded, room, request.stop))
        done = len(requests) - len(waiting)
        if progress:
            progress(done, len(requests))
        for batch in by_budget(waiting, _Continuation.length, self._max_tokens, _MAX_ROWS):
            found = halving(lambda part: self._continue(part, rule), batch)
            for one, tokens in zip(batch, found, strict=True):
                # Bytes before it may complete a character, so where the rest ends is seen together with them.
                request = requests[one.index]
                told = written[one.index] + tokens
                written[one.index], _ = rule.kept(told, request.stop, request.max_new_tokens)
            done += len(batch)
            if progress:
                progress(done, len(requests))
        return [rule.text(tokens) for tokens in written]

    def _prompts(self, requests: Sequence[Request]) -> list[Prompt]:
        """What the model is given for each request; every distinct conversation is rendered once."""
        given = {prompt: self.render(prompt) for prompt in {request.prompt for request in requests}}
        return [given[request.prompt] for request in requests]

    @cached_property
    def _layout(self) -> Layout:
        """Trees where the model attends along them."""
        if attends_along_trees(self._loaded):
            return TREES
        _LOG.info(
            "%s does not attend along trees; answers are scored one per row", type(self._model).__name__
        )
        return LINES

    def _score_rows(self, rows: Sequence[Row]) -> list[TokenScores]:
        """Scores of the rows' members, row by row."""
        return score_rows(self._model, rows, self._layout, self._encoder.pad_id)

    def _continue(self, batch: Sequence[_Continuation], rule: StopRule) -> list[tuple[int, ...]]:
        """The tokens written after each prompt of the batch."""
        room = max(one.room for one in batch)
        prompts = [one.encoded for one in batch]
        stops = [one.stop for one in batch]
        written = continue_greedily(self._model, prompts, stops, room, rule, self._encoder.pad_id)
        return [tokens[: one.room] for one, tokens in zip(batch, written, strict=True)]
