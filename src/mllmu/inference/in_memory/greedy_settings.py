"""The settings of greedy generation, whatever settings a model brings along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import GenerationConfig


@contextmanager
def greedy_settings(
    model: Any, max_new_tokens: int, ends: tuple[int, ...], pad_id: int
) -> Iterator[GenerationConfig]:
    """Settings of greedy generation, which are the model's only ones within the context.

    What a given configuration leaves open, `generate` takes from the model's own one (repetition penalty,
    suppressed tokens, maximum time, ...), and the answers would differ from those of prefix sharing.

    Args:
        model: the model; it has its own generation configuration again afterwards.
        max_new_tokens: maximum number of tokens of an answer.
        ends: ids of the tokens that end an answer.
        pad_id: id of the token that fills rows after their end.
    """
    settings = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=max_new_tokens,
        eos_token_id=list(ends),
        pad_token_id=pad_id,
        bos_token_id=getattr(model.generation_config, "bos_token_id", None),
        use_cache=True,
    )
    brought = model.generation_config
    model.generation_config = settings
    try:
        yield settings
    finally:
        model.generation_config = brought
