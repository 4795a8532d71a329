"""What is known of a greedy answer without writing it."""

from __future__ import annotations

from typing import Any

from mllmu.inference.request import Stop, TokenScores
from mllmu.inference.stop_rule import StopRule


def end_tokens(model: Any, end_id: int) -> tuple[int, ...]:
    """Ids of all tokens that end an answer: the chat template's and those the model's configuration names."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    several = configured if isinstance(configured, list) else [configured]
    return tuple(sorted(int(token) for token in {end_id, *several} - {None}))


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
