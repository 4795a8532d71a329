"""Checks by a trial whether a model supports prefix sharing, independently of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.entry import Entry
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.inference.request import Request, TokenScores
from mllmu.models import LoadedModel
from mllmu.models.inputs.picture_features import gives_features, require_fitting_processor
from mllmu.models.packing.trial_prompts import mean_error, nearest_way, trial_picture, trial_prompts

# Small enough that the trial needs a shared prefix and several rows after it.
_NARROW = Limits(row_tokens=32, batch_tokens=96, batch_rows=2, memory=2**28)


def sharing_engine(loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> SharedPrefixes | None:
    """Prefix sharing for a model; None if it would give other log-probabilities than plain forward passes.

    Some families replace given position ids or attention masks by their own, or raise errors for them. The
    trial scores answers to prompts with and without images, and compares with one plain pass per request:
    for images whose tokens see one another and for images whose tokens do not. What comes nearer is taken.

    Args:
        loaded: the model.
        limits: limits of the engine that is returned; the trial has its own.
        counts: statistics to which the engine adds; the trial is not counted.

    Raises:
        UserError: if the processor is that of another model.
    """
    if loaded.encoder.has_cross_attention or not gives_features(loaded.model):
        return None  # what a token sees of images is no part of the keys that are shared
    require_fitting_processor(loaded.model, loaded.encoder.picture(trial_picture(0)))
    entries = _entries(loaded)
    plain = PlainBatches(loaded, replace(_NARROW, batch_rows=1), EngineStatistics())
    expected = _log_probs(plain.score, entries)
    errors: dict[bool, float] = {}
    for bidirectional_images in (False, True):
        try:
            trial = SharedPrefixes(loaded, bidirectional_images, _NARROW, EngineStatistics())
            shared = _log_probs(trial.score, entries)
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError):
            continue
        gaps = [own - other for own, other in zip(expected, shared, strict=True)]
        errors[bidirectional_images] = mean_error(gaps, [entry.prompt for entry in entries])
    nearest = nearest_way(errors, next(loaded.model.parameters()).dtype)
    return None if nearest is None else SharedPrefixes(loaded, nearest, limits, counts)


def _entries(loaded: LoadedModel) -> list[Entry]:
    """The requests of the trial."""
    entries: list[Entry] = []
    for prompt, answer in trial_prompts(loaded):
        tokens = tuple(loaded.encoder.answer_ids(prompt.text, answer))
        entries.append(Entry(len(entries), Request(prompt, answer), prompt, tokens))
    return entries


def _log_probs(
    score: Callable[[Sequence[Entry]], Iterator[list[tuple[int, TokenScores]]]], entries: Sequence[Entry]
) -> list[torch.Tensor]:
    """Log-probabilities of the answer tokens of each entry, in their order."""
    scores = dict(pair for batch in score(entries) for pair in batch)
    return [torch.tensor(scores[index].log_probs) for index in range(len(entries))]
