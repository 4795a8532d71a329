"""Whether a model can branch, found by trying it and not by its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from PIL import Image

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.limits import Limits
from mllmu.inference.plain_batches import PlainBatches
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.inference.prefix_sharing.symbol_sequences import Entry
from mllmu.inference.request import Request, TokenScores
from mllmu.models import LoadedModel, Prompt, chat_prompt

_QUESTIONS = ("What is the name of this person, and where were they born?", "What is their name?")
_ANSWERS = ("Ada, in London", "Nobody knows", "Ada, in Paris")
# So narrow that the trial needs a prefix, rows after it, and several of them.
_NARROW = Limits(row_tokens=32, batch_tokens=96, batch_rows=2, memory=2**28)


def branching(loaded: LoadedModel, limits: Limits, counts: EngineStatistics) -> SharedPrefixes | None:
    """What asks a model with shared prefixes; None where that would not give what plain passes give.

    Some families make positions or masks of their own and then differ, or refuse them altogether. Answers to
    prompts with and without pictures must get the log-probabilities of one plain pass for each.
    """
    entries = _entries(loaded)
    plain = PlainBatches(loaded, replace(_NARROW, batch_rows=1), EngineStatistics())
    expected = _log_probs(plain.score, entries)
    for both_ways in (False, True):
        try:
            found = _log_probs(SharedPrefixes(loaded, both_ways, _NARROW, EngineStatistics()).score, entries)
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError):
            continue
        # Rounding alone reaches these bounds in no model seen so far; in half precision its mean is small.
        exact = next(loaded.model.parameters()).dtype == torch.float32
        if float((expected - found).abs().mean()) < (1e-4 if exact else 0.05):
            return SharedPrefixes(loaded, both_ways, limits, counts)
    return None


def _entries(loaded: LoadedModel) -> list[Entry]:
    """Several answers to several questions, about two pictures and about none."""
    found: list[Entry] = []
    for images in ((), (_picture(0),), (_picture(90),)):
        for question in _QUESTIONS:
            prompt = _prompt(loaded, question, images)
            for answer in _ANSWERS:
                tokens = tuple(loaded.encoder.answer_ids(prompt.text, answer))
                found.append(Entry(len(found), Request(prompt, answer), prompt, tokens))
    return found


def _prompt(loaded: LoadedModel, question: str, images: tuple[bytes, ...]) -> Prompt:
    """A question as the model expects it; as it is where the processor has no chat template."""
    if loaded.processor.chat_template:
        return chat_prompt(loaded.processor, question, images, loaded.system_prompt)
    return Prompt(f"{loaded.encoder.placeholder * len(images)}\n{question}\n", images)


def _log_probs(
    score: Callable[[Sequence[Entry]], Iterator[list[tuple[int, TokenScores]]]], entries: Sequence[Entry]
) -> torch.Tensor:
    """Log-probabilities of all answer tokens, in the order of the entries."""
    found = dict(pair for batch in score(entries) for pair in batch)
    return torch.tensor([value for index in range(len(entries)) for value in found[index].log_probs])


def _picture(angle: int) -> bytes:
    """A small picture in which no two places look alike."""
    shades = Image.linear_gradient("L").resize((96, 96)).rotate(angle)
    picture = Image.merge("RGB", (shades, shades.rotate(90), shades.rotate(180)))
    stored = io.BytesIO()
    picture.save(stored, format="PNG")
    return stored.getvalue()
