"""The start of a greedy answer, read off the scores of a given answer instead of generated."""

from __future__ import annotations

from typing import Any

from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.request import Stop, TokenScores


def end_tokens(model: Any, end_id: int) -> tuple[int, ...]:
    """Ids of all tokens that end an answer: the chat template's and those the model's configuration names."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    several = configured if isinstance(configured, list) else [configured]
    return tuple(sorted(int(token) for token in {end_id, *several} - {None}))


def greedy_start(
    scores: TokenScores | None, stop: Stop, max_new_tokens: int, rule: StopRule
) -> tuple[tuple[int, ...], bool]:
    """The first tokens of the greedy answer, from the scores of any answer to the same prompt.

    While the scored answer's tokens are the argmax, greedy decoding generates the same tokens; at the first
    token that is not, it generates the argmax instead. Scores of (x, y, end) with the argmax (x, z, end) give
    (x, z).

    Args:
        scores: scores of an answer to the prompt; None gives an empty start.
        stop: what ends the answer besides an end token.
        max_new_tokens: maximum number of tokens of the answer.
        rule: applies `stop` and the end tokens.

    Returns:
        The token ids, without an end token; and whether the answer is complete with them.
    """
    if scores is None:
        return (), False
    agreed = next((index for index, hit in enumerate(scores.is_argmax) if not hit), len(scores.is_argmax))
    return rule.truncate(scores.argmax[: agreed + 1], stop, max_new_tokens)
