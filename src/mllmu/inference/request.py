"""What an engine is asked, and what it says about an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mllmu.models import Conversation, Prompt


class Stop(Enum):
    """What ends a written answer before its limit; the end token always does.

    Attributes:
        END_TOKEN: nothing else.
        FIRST_CHARACTER: the token that writes the answer's first visible character, which is then what it
            would be in the full answer: enough for a letter.
        FIRST_WORD: the token that shows where the answer's first word ends: enough to tell a letter from a
            word that begins with it.
    """

    END_TOKEN = "end_token"
    FIRST_CHARACTER = "first_character"
    FIRST_WORD = "first_word"


@dataclass(frozen=True)
class Request:
    """One prompt, with an answer to score or room for an answer to write.

    Attributes:
        prompt: a conversation, which the engine words as its model expects, or text that is given as it is.
        answer: the answer whose tokens are scored; ignored by `Engine.generate`.
        max_new_tokens: longest answer to write, in tokens; ignored by `Engine.score`.
        stop: what ends a written answer; ignored by `Engine.score`.
    """

    prompt: Conversation | Prompt
    answer: str = ""
    max_new_tokens: int = 0
    stop: Stop = Stop.END_TOKEN


@dataclass(frozen=True)
class TokenScores:
    """How likely a given answer was, token by token; the last token is the end token.

    For the answer " Riga" of the tokens (" Ri", "ga", end) all tuples have three entries.

    Attributes:
        log_probs: natural logarithm of each token's probability given the prompt and the tokens before it.
        is_argmax: whether greedy decoding would have written the token there.
        argmax: the token ids greedy decoding would have written there.
    """

    log_probs: tuple[float, ...]
    is_argmax: tuple[bool, ...]
    argmax: tuple[int, ...]
