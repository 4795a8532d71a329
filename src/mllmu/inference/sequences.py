"""Requests as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import torch

from mllmu.inference.packing import TokenSequence
from mllmu.models import Encoded, Encoder, Prompt


def token_sequences(
    encoder: Encoder, prompts: Sequence[Prompt], answers: Sequence[str]
) -> list[TokenSequence]:
    """Each prompt and its answer as tokens; every distinct prompt is tokenised once."""
    known: dict[Prompt, TokenSequence] = {}
    sequences = []
    for index, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        if prompt not in known:
            known[prompt] = _prompt_sequence(encoder, prompt)
        ids = tuple(encoder.answer_ids(prompt.text, answer))
        sequences.append(replace(known[prompt], index=index, answer=ids))
    return sequences


def extended(encoded: Encoded, tokens: tuple[int, ...]) -> Encoded:
    """A prompt with tokens after it."""
    if not tokens:
        return encoded
    ids = torch.cat([encoded.input_ids, torch.tensor(tokens)])
    return Encoded(ids, torch.zeros(len(ids), dtype=torch.bool), encoded.vision)


def _prompt_sequence(encoder: Encoder, prompt: Prompt) -> TokenSequence:
    """A prompt without an answer."""
    encoded = encoder.encode(prompt)
    ids = tuple(encoded.input_ids.tolist())
    places = [place for place, token in enumerate(ids) if token == encoder.processor.image_token_id]
    key = (
        sha256(b"".join(sha256(image).digest() for image in prompt.images)).hexdigest()
        if prompt.images
        else ""
    )
    return TokenSequence(0, ids, (), encoded.vision, key, places[-1] + 1 if places and key else 0)
