"""Scores and generates answers in padded batches with one row per request, without prefix sharing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.batching import by_budget, halving
from mllmu.inference.in_memory.entry import Entry, Generated
from mllmu.inference.in_memory.greedy_settings import greedy_settings
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.in_memory.token_moments import token_moments
from mllmu.inference.request import Extra, Stop, TokenScores
from mllmu.models import Encoded, LoadedModel, collate
from mllmu.models.inputs.cross_attention import grown
from mllmu.models.inputs.rope_lengths import forget_longest_row, shared_rope_limit


class PlainBatches:
    """Answers requests in batches of similar length by the model's own forward and generate.

    Args:
        loaded: the model.
        limits: limits on batches.
        counts: statistics to which everything computed is added.
    """

    def __init__(self, loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> None:
        self._model: Any = loaded.model
        self._encoder = loaded.encoder
        self._limits = limits
        self._counts = counts
        self._rope_limit = shared_rope_limit(loaded.model)

    def score(self, entries: Sequence[Entry]) -> Iterator[list[tuple[int, TokenScores]]]:
        """Batches of entries' indices with the scores of the tokens after the prompts, longest first."""
        for batch in self._batches(entries, 0):
            scored = halving(self._scores, batch)
            yield [(one.index, scores) for one, scores in zip(batch, scored, strict=True)]

    def generate(self, entries: Sequence[Entry], rule: StopRule) -> Iterator[list[Generated]]:
        """Batches of entries' indices with the generated token ids, longest prompts first."""
        for batch in self._batches(entries, max((one.tokens_left for one in entries), default=0)):
            generated = halving(lambda part: self._answers(part, rule), batch)
            yield [(one.index, tokens) for one, tokens in zip(batch, generated, strict=True)]

    def _encoded(self, batch: Sequence[Entry]) -> list[Encoded]:
        """Encoded prompts with the tokens after them: of one batch at a time, for they hold pictures."""
        return [with_tokens(self._encoder.encode(one.prompt), one.after) for one in batch]

    def _batches(self, entries: Sequence[Entry], growth: int) -> Iterator[list[Entry]]:
        """Batches of rows that do not change one another, longest first."""
        prompts = {one.prompt for one in entries}
        lengths = {prompt: len(self._encoder.layout(prompt).ids) for prompt in prompts}
        tokens = {one.index: lengths[one.prompt] + len(one.after) for one in entries}
        self._counts.requested += sum(tokens.values())

        def length(one: Entry) -> int:
            return tokens[one.index] + growth

        shared = [one for one in entries if self._rope_limit is None or length(one) < self._rope_limit]
        alone = [one for one in entries if self._rope_limit is not None and length(one) >= self._rope_limit]
        for one in sorted(alone, key=length, reverse=True):
            forget_longest_row(self._model, self._encoder.pad_id)
            yield [one]
        if alone:
            forget_longest_row(self._model, self._encoder.pad_id)
        limits = self._limits.batch_tokens, self._limits.batch_rows
        if not self._encoder.has_cross_attention:
            yield from by_budget(shared, length, *limits)
            return
        for images in sorted({len(one.prompt.images) for one in shared}):
            alike = [one for one in shared if len(one.prompt.images) == images]
            yield from by_budget(alike, length, *limits)

    def _inputs(self, rows: Sequence[Encoded], side: str) -> dict[str, Tensor]:
        """A batch padded on one side (left or right), on the model's device."""
        batch = collate(rows, self._encoder.pad_id, side)
        del batch["answer_mask"]
        self._counts.computed += batch["input_ids"].numel()
        self._counts.padding += int((batch["attention_mask"] == 0).sum())
        self._counts.forwards += 1
        device = self._model.get_input_embeddings().weight.device
        return {name: tensor.to(device) for name, tensor in batch.items()}

    @torch.inference_mode()
    def _scores(self, batch: Sequence[Entry]) -> list[TokenScores]:
        rows = self._encoded(batch)
        logits = self._model(**self._inputs(rows, "right"), use_cache=False).logits
        scores = []
        for index, (one, row) in enumerate(zip(batch, rows, strict=True)):
            answered = len(row) - len(one.after)
            # [answer tokens, v]: each token is predicted by the output one position before it.
            here = logits[index, answered - 1 : len(row) - 1].float()
            targets = torch.tensor(one.after, device=here.device)
            log_probs = here.log_softmax(dim=-1).gather(1, targets[:, None])[:, 0]
            moments = token_moments(here) if Extra.TOKEN_MOMENTS in one.request.extras else ()
            best = here.argmax(dim=-1).tolist()
            scores.append(TokenScores.of(one.after, log_probs.tolist(), best, moments))
        return scores

    @torch.inference_mode()
    def _answers(self, batch: Sequence[Entry], rule: StopRule) -> list[tuple[int, ...]]:
        inputs = self._inputs(self._encoded(batch), "left")
        width = inputs["input_ids"].shape[1]
        longest = max(one.tokens_left for one in batch)
        stops = [one.request.stop for one in batch]
        with (
            warnings.catch_warnings(),
            greedy_settings(self._model, longest, rule.ends, self._encoder.pad_id) as config,
        ):
            warnings.simplefilter("ignore")
            written = self._model.generate(
                **inputs,
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([_AnswerComplete(rule, stops, width)]),
            )
        answers = written[:, width:].tolist()
        self._counts.written += len(answers) * len(answers[0])
        return [
            rule.truncate(row, one.request.stop, one.tokens_left)[0]
            for one, row in zip(batch, answers, strict=True)
        ]


class _AnswerComplete(StoppingCriteria):
    """Stops generation of the rows whose answers are complete by their own stop."""

    def __init__(self, rule: StopRule, stops: Sequence[Stop], width: int) -> None:
        self._rule, self._stops, self._width = rule, stops, width

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        written = input_ids[:, self._width :].tolist()
        done = [
            stop is not Stop.END_TOKEN and self._rule.truncate(row, stop, len(row) + 1)[1]
            for row, stop in zip(written, self._stops, strict=True)
        ]
        return torch.tensor(done, device=input_ids.device)


def with_tokens(encoded: Encoded, tokens: Sequence[int]) -> Encoded:
    """Append token ids to an encoded prompt; they are marked as its answer."""
    count = len(tokens)
    return replace(
        encoded,
        input_ids=torch.cat([encoded.input_ids, torch.tensor(tokens, dtype=torch.long)]),
        answer_mask=torch.cat([encoded.answer_mask, torch.ones(count, dtype=torch.bool)]),
        per_token={
            name: torch.cat([kind, kind.new_zeros(count)]) for name, kind in encoded.per_token.items()
        },
        cross_mask=None if encoded.cross_mask is None else grown(encoded.cross_mask, count),
    )
