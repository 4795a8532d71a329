"""Greedy decoding of a batch of prompts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from mllmu.inference.request import Stop, TokenScores
from mllmu.inference.stopping import StopRule
from mllmu.models import Encoded, collate


def end_tokens(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Ids of all tokens that end an answer: the tokenizer's and those the model's own configuration names."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    several = configured if isinstance(configured, list) else [configured]
    ids = {tokenizer.eos_token_id, *several} - {None}
    return tuple(sorted(int(token) for token in ids))


class _Decided(StoppingCriteria):
    """Ends the rows whose answer is over by their own stop rule."""

    def __init__(self, rule: StopRule, stops: Sequence[Stop], width: int) -> None:
        self._rule, self._stops, self._width = rule, stops, width

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        written = input_ids[:, self._width :].tolist()
        done = [
            stop is not Stop.END_TOKEN and self._rule.kept(row, stop, len(row) + 1)[1]
            for row, stop in zip(written, self._stops, strict=True)
        ]
        return torch.tensor(done, device=input_ids.device)


@torch.inference_mode()
def continue_greedily(
    model: Any,
    prompts: Sequence[Encoded],
    stops: Sequence[Stop],
    max_new_tokens: int,
    rule: StopRule,
    pad_id: int,
) -> list[tuple[int, ...]]:
    """The tokens a model writes after each prompt, without the end token.

    Args:
        model: an image-text-to-text model in evaluation mode.
        prompts: what to continue.
        stops: what ends each answer.
        max_new_tokens: most tokens to write.
        rule: knows the end tokens and what the stops mean.
        pad_id: id that fills rows up on the left.
    """
    device = next(model.parameters()).device
    batch = collate(prompts, pad_id, side="left")
    del batch["answer_mask"]
    config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=max_new_tokens,
        eos_token_id=list(rule.ends),
        pad_token_id=pad_id,
        use_cache=True,
    )
    width = batch["input_ids"].shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = model.generate(
            **{name: tensor.to(device) for name, tensor in batch.items()},
            generation_config=config,
            stopping_criteria=StoppingCriteriaList([_Decided(rule, stops, width)]),
        )
    rows = written[:, width:].tolist()
    return [rule.kept(row, stop, max_new_tokens)[0] for row, stop in zip(rows, stops, strict=True)]


def known_start(
    scores: TokenScores | None, stop: Stop, max_new_tokens: int, rule: StopRule
) -> tuple[tuple[int, ...], bool]:
    """How a greedy answer begins, from the scores of any answer to the same prompt.

    As long as the scored answer's tokens are the argmax they are what greedy decoding writes, and the argmax
    at the first that is not is what it writes instead. For scores of (x, y, end) with the argmax (x, z, end):
    (x, z).

    Args:
        scores: of an answer to the prompt, or None.
        stop: what ends the answer.
        max_new_tokens: most tokens to write.
        rule: knows the end tokens and what `stop` means.

    Returns:
        The tokens, without an end token; and whether the answer ends there.
    """
    if scores is None:
        return (), False
    agreed = next((place for place, hit in enumerate(scores.is_argmax) if not hit), len(scores.is_argmax))
    return rule.kept(scores.argmax[: agreed + 1], stop, max_new_tokens)
