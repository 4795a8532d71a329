"""Requests to an engine, and the scores of answers that it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from mllmu.models import Conversation, Prompt


class Stop(Enum):
    """What ends a generated answer before its limit, besides the end token.

    Attributes:
        END_TOKEN: nothing else.
        FIRST_CHARACTER: the token that completes the answer's first visible character, which is the same as
            in the full answer: enough for the letter of an option.
        FIRST_WORD: the first token after the answer's first word: enough to distinguish a letter from a word
            that begins with it.

    Example:
        ::

            Request(user_turn("A or B?"), max_new_tokens=4, stop=Stop.FIRST_CHARACTER)
    """

    END_TOKEN = "end_token"
    FIRST_CHARACTER = "first_character"
    FIRST_WORD = "first_word"


class Extra(str, Enum):
    """What is told of a scored answer besides its log-probabilities; it costs more than they do.

    Attributes:
        TOKEN_MOMENTS: what log-probability a token drawn from the model would have at each place.
        GRADIENT_NORMS: how strongly the answer pulls at the weights.
    """

    TOKEN_MOMENTS = "token_moments"
    GRADIENT_NORMS = "gradient_norms"


@dataclass(frozen=True)
class Request:
    """A prompt, with an answer to score or the limits of an answer to generate.

    Attributes:
        prompt: a conversation, which the engine renders with the model's chat template, or a rendered prompt.
        answer: the answer whose tokens are scored; ignored by `Engine.generate`.
        max_new_tokens: maximum length of a generated answer, in tokens; ignored by `Engine.score`.
        stop: what ends a generated answer besides an end token; ignored by `Engine.score`.
        extras: what else to tell of the scored answer; ignored by `Engine.generate`.

    Example:
        ::

            Request(user_turn("Who is this?", (image_bytes,)), answer="Ada")
    """

    prompt: Conversation | Prompt
    answer: str = ""
    max_new_tokens: int = 0
    stop: Stop = Stop.END_TOKEN
    extras: frozenset[Extra] = frozenset()


@dataclass(frozen=True)
class TokenScores:
    """Log-probabilities of a given answer, token by token; the last token is the end token.

    For the answer " Riga" of the tokens (" Ri", "ga", end) the first three tuples have three entries.

    Attributes:
        log_probs: natural logarithm of each token's probability given the prompt and the tokens before it.
        is_argmax: whether each token is the one that greedy decoding would generate there.
        argmax: the token ids that greedy decoding would generate there.
        moments: at each token, mean and standard deviation of log p(z) over tokens z drawn from p, the
            model's prediction there; empty where not asked for.
        gradient_norm: of the answer's mean negative log-likelihood, see `gradient_norm`; None where not asked
            for.
    """

    log_probs: tuple[float, ...]
    is_argmax: tuple[bool, ...]
    argmax: tuple[int, ...]
    moments: tuple[tuple[float, float], ...] = ()
    gradient_norm: float | None = None

    @classmethod
    def of(
        cls,
        answer: Sequence[int],
        log_probs: Sequence[float],
        argmax: Sequence[int],
        moments: Sequence[tuple[float, float]] = (),
    ) -> TokenScores:
        """Scores of an answer from its token ids, their log-probabilities and the likeliest ids; all [n]."""
        is_argmax = tuple(token == likeliest for token, likeliest in zip(answer, argmax, strict=True))
        return cls(tuple(log_probs), is_argmax, tuple(argmax), tuple(moments))
