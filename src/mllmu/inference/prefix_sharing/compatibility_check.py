"""Checks by a trial whether a model supports prefix sharing, independently of its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from PIL import Image

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.entry import Entry
from mllmu.inference.limits import Limits
from mllmu.inference.plain_batches import PlainBatches
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.inference.request import Request, TokenScores
from mllmu.models import LoadedModel, Prompt, chat_prompt

_QUESTIONS = ("What is the name of this person, and where were they born?", "What is their name?")
_ANSWERS = ("Ada, in London", "Nobody knows", "Ada, in Paris")
# Small enough that the trial needs a shared prefix and several rows after it.
_NARROW = Limits(row_tokens=32, batch_tokens=96, batch_rows=2, memory=2**28)


def sharing_engine(loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> SharedPrefixes | None:
    """Prefix sharing for a model; None if it would give other log-probabilities than plain forward passes.

    Some families replace given position ids or attention masks by their own, or raise errors for them. The
    trial scores answers to prompts with and without images, and compares with one plain pass per request.

    Args:
        loaded: the model.
        limits: limits of the engine that is returned; the trial has its own.
        counts: statistics to which the engine adds; the trial is not counted.
    """
    if loaded.encoder.has_cross_attention:
        return None  # what a token sees of images is no part of the keys that are shared
    entries = _entries(loaded)
    plain = PlainBatches(loaded, replace(_NARROW, batch_rows=1), EngineStatistics())
    expected = _log_probs(plain.score, entries)
    for bidirectional_images in (False, True):
        try:
            trial = SharedPrefixes(loaded, bidirectional_images, _NARROW, EngineStatistics())
            shared = _log_probs(trial.score, entries)
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError):
            continue
        # Rounding alone reached these bounds in no model so far; in half precision its mean is small.
        exact = next(loaded.model.parameters()).dtype == torch.float32
        if float((expected - shared).abs().mean()) < (1e-4 if exact else 0.05):
            return SharedPrefixes(loaded, bidirectional_images, limits, counts)
    return None


def _entries(loaded: LoadedModel) -> list[Entry]:
    """The requests of the trial: several answers to several questions, with two images and with none."""
    entries: list[Entry] = []
    for images in ((), (_picture(0),), (_picture(90),)):
        for question in _QUESTIONS:
            prompt = _prompt(loaded, question, images)
            for answer in _ANSWERS:
                tokens = tuple(loaded.encoder.answer_ids(prompt.text, answer))
                entries.append(Entry(len(entries), Request(prompt, answer), prompt, tokens))
    return entries


def _prompt(loaded: LoadedModel, question: str, images: tuple[bytes, ...]) -> Prompt:
    """A question in the model's chat template; without one if the processor has none."""
    if loaded.processor.chat_template:
        return chat_prompt(loaded.processor, question, images, loaded.system_prompt)
    return Prompt(f"{loaded.encoder.placeholder * len(images)}\n{question}\n", images)


def _log_probs(
    score: Callable[[Sequence[Entry]], Iterator[list[tuple[int, TokenScores]]]], entries: Sequence[Entry]
) -> torch.Tensor:
    """Log-probabilities of all answer tokens, in the order of the entries."""
    scores = dict(pair for batch in score(entries) for pair in batch)
    return torch.tensor([value for index in range(len(entries)) for value in scores[index].log_probs])


def _picture(angle: int) -> bytes:
    """A small image, as PNG, in which no two regions look alike."""
    shades = Image.linear_gradient("L").resize((96, 96)).rotate(angle)
    picture = Image.merge("RGB", (shades, shades.rotate(90), shades.rotate(180)))
    stored = io.BytesIO()
    picture.save(stored, format="PNG")
    return stored.getvalue()
