"""Reading the log-probabilities of a given answer off a server's response.

vLLM returns them as ``prompt_logprobs``: one entry per token of the prompt, null for the first, else from
token id to log-probability and rank in the vocabulary, for the token that stands there and for the likeliest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mllmu.errors import UserError
from mllmu.inference.request import TokenScores

Entry = Mapping[str, Mapping[str, Any]]
# Asks for the token that stands in each place and for the likeliest.
EXTENSION = {"prompt_logprobs": 1}
# The messages are all there is: no beginning of a further answer.
CLOSED = {"add_generation_prompt": False}
# The last message is left open where its text ends.
OPEN_ENDED = {"add_generation_prompt": False, "continue_final_message": True}


def prompt_entries(response: Any) -> list[Entry | None] | None:
    """The entries of a response, or None where the server gives none."""
    found = (response.model_extra or {}).get("prompt_logprobs")
    return list(found) if isinstance(found, list) else None


def prompt_length(response: Any) -> int:
    """Tokens of a request's prompt.

    Raises:
        UserError: if the response does not say.
    """
    if response.usage is None:
        raise UserError("The server does not count the prompt's tokens; expected usage.prompt_tokens.")
    return int(response.usage.prompt_tokens)


def token_scores(entries: Sequence[Entry | None]) -> TokenScores:
    """What a server says about a run of tokens.

    Args:
        entries: of the answer's tokens and of the one that ends it.

    Raises:
        UserError: if an entry is not as described above.
    """
    try:
        # The token that stands there never ranks before the likeliest, and may be the same one.
        ranked = [
            sorted(((int(one["rank"]), int(token), float(one["logprob"])) for token, one in entry.items()))
            for entry in entries
            if entry is not None
        ]
        if len(ranked) != len(entries) or len(ranked) < 2:
            raise ValueError
        return TokenScores(
            tuple(places[-1][2] for places in ranked),
            tuple(places[-1][0] == 1 for places in ranked),
            tuple(places[0][1] for places in ranked),
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise UserError(
            "The server's prompt_logprobs cannot be read; expected, for each token of an answer and of its "
            "end, token ids with logprob and rank."
        ) from None
