"""Greedy decoding of a batch of prompts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from transformers import GenerationConfig

from mllmu.inference.request import TokenScores
from mllmu.models import Encoded, collate


def end_tokens(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Ids of all tokens that end an answer: the tokenizer's and those the model's own configuration names."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    several = configured if isinstance(configured, list) else [configured]
    ids = {tokenizer.eos_token_id, *several} - {None}
    return tuple(sorted(int(token) for token in ids))


@torch.inference_mode()
def continue_greedily(
    model: Any, prompts: Sequence[Encoded], max_new_tokens: int, ends: tuple[int, ...], pad_id: int
) -> list[tuple[int, ...]]:
    """The tokens a model writes after each prompt, up to and without the first end token.

    Args:
        model: an image-text-to-text model in evaluation mode.
        prompts: what to continue.
        max_new_tokens: most tokens to write.
        ends: ids that end an answer.
        pad_id: id that fills rows up on the left.
    """
    device = next(model.parameters()).device
    batch = collate(prompts, pad_id, side="left")
    del batch["answer_mask"]
    config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=max_new_tokens,
        eos_token_id=list(ends),
        pad_token_id=pad_id,
        use_cache=True,
    )
    width = batch["input_ids"].shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = model.generate(
            **{name: tensor.to(device) for name, tensor in batch.items()}, generation_config=config
        )
    return [_until_end(row, ends) for row in written[:, width:].tolist()]


def _until_end(tokens: list[int], ends: tuple[int, ...]) -> tuple[int, ...]:
    """The tokens before the first end token."""
    stop = next((place for place, token in enumerate(tokens) if token in ends), len(tokens))
    return tuple(tokens[:stop])


def known_start(
    scores: TokenScores | None, max_new_tokens: int, ends: tuple[int, ...]
) -> tuple[tuple[int, ...], bool]:
    """How a greedy answer begins, from the scores of any answer to the same prompt.

    As long as the scored answer's tokens are the argmax they are what greedy decoding writes, and the argmax
    at the first that is not is what it writes instead. For scores of (x, y, end) with the argmax (x, z, end):
    (x, z).

    Args:
        scores: of an answer to the prompt, or None.
        max_new_tokens: most tokens to write.
        ends: ids that end an answer.

    Returns:
        The tokens, without an end token; and whether the answer ends there.
    """
    if scores is None:
        return (), False
    agreed = next((place for place, hit in enumerate(scores.is_argmax) if not hit), len(scores.is_argmax))
    told = list(scores.argmax[: agreed + 1])[:max_new_tokens]
    start = _until_end(told, ends)
    return start, len(start) < len(told) or len(start) == max_new_tokens
