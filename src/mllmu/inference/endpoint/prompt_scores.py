"""Reads the log-probabilities of a given answer from a server's response.

vLLM returns them as ``prompt_logprobs``: one entry per token of the prompt, null for the first, else a
mapping of token ids to log-probability and rank in the vocabulary, for the actual and the likeliest token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mllmu.errors import UserError
from mllmu.inference.request import TokenScores

LogprobEntry = Mapping[str, Mapping[str, Any]]
# Requests the log-probabilities of each prompt token and of the likeliest token there.
EXTENSION = {"prompt_logprobs": 1}
# The rendered prompt ends with the last message, without the start of another answer.
CLOSED = {"add_generation_prompt": False}
# The rendered prompt ends with the text of the last message, without its end token.
OPEN_ENDED = {"add_generation_prompt": False, "continue_final_message": True}


def prompt_entries(response: Any) -> list[LogprobEntry | None] | None:
    """The entries of a response; None if the server returned none."""
    entries = (response.model_extra or {}).get("prompt_logprobs")
    return list(entries) if isinstance(entries, list) else None


def words_of(entries: Sequence[LogprobEntry | None]) -> str | None:
    """The text of consecutive tokens; None where the server does not say what they read like."""
    try:
        # The prompt's token never ranks before the likeliest.
        tokens = [max((entry or {}).values(), key=lambda one: int(one["rank"])) for entry in entries]
        return "".join(str(one["decoded_token"]) for one in tokens)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def prompt_length(response: Any) -> int:
    """Length of a request's rendered prompt, in tokens.

    Raises:
        UserError: if the response does not contain it.
    """
    # The client hands usage on unchecked, whatever the server put there.
    length = getattr(response.usage, "prompt_tokens", None)
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise UserError("The server does not count the prompt's tokens; expected usage.prompt_tokens.")
    return length


def scores_from_entries(entries: Sequence[LogprobEntry | None]) -> TokenScores:
    """Convert a server's entries for consecutive tokens into scores.

    Args:
        entries: entries of the answer's tokens and of its end token.

    Raises:
        UserError: if an entry is not as described above.
    """
    try:
        # The prompt's token never ranks before the likeliest, and may be the same token.
        ranked = [
            sorted(((int(one["rank"]), int(token), float(one["logprob"])) for token, one in entry.items()))
            for entry in entries
            if entry is not None
        ]
        if len(ranked) != len(entries) or len(ranked) < 2 or any(one[-1][2] != one[-1][2] for one in ranked):
            raise ValueError
        return TokenScores(
            tuple(one[-1][2] for one in ranked),
            tuple(one[-1][0] == 1 for one in ranked),
            tuple(one[0][1] for one in ranked),
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        raise UserError(
            "The server's prompt_logprobs cannot be read; expected, for each token of an answer and of its "
            "end, token ids with logprob and rank."
        ) from None
