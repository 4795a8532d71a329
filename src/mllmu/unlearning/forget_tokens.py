"""Which tokens of a forget answer are forgotten; the one place that decides, for all methods.

A model that repeats the person's name in its answers unlearns the name first: the sentence can no longer
begin, while the fact stays (docs/findings/echo.md).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal

from mllmu.benchmark.language.answer_parts import AnswerPart

_LOG = logging.getLogger(__name__)

ForgetTokens = Literal["answer", "new", "value"]


class ForgetTokenChoice:
    """Chooses the tokens of one answer after another, and counts where it could not choose as asked.

    Where no value is known that an answer states, "value" reads what is new; where nothing is new, both read
    all of it.
    """

    def __init__(self, tokens: ForgetTokens) -> None:
        """Choose ``tokens`` of every answer."""
        self.tokens = tokens
        self.answers = self.without_value = self.without_new = 0

    def __call__(self, parts: Sequence[AnswerPart]) -> list[bool]:
        """Which tokens the loss reads.

        Args:
            parts: what each token does, the end token last.
        """
        self.answers += 1
        whole = [True] * len(parts)
        if self.tokens == "answer":
            return whole
        if self.tokens == "value":
            if AnswerPart.VALUE in parts:
                return [part is AnswerPart.VALUE for part in parts]
            self.without_value += 1
        if not {AnswerPart.VALUE, AnswerPart.TEMPLATE}.isdisjoint(parts):
            return [part is not AnswerPart.ECHO for part in parts]
        self.without_new += 1
        return whole

    def tell(self) -> None:
        """Warn of the answers of which other tokens are read than was asked for."""
        if self.without_value:
            _LOG.warning(
                "forget_tokens: in %d of %d answers no value is known; there, all is forgotten that does not "
                "repeat the question.",
                self.without_value,
                self.answers,
            )
        if self.without_new:
            _LOG.warning(
                "forget_tokens: %d of %d answers only repeat the question; these are forgotten as a whole.",
                self.without_new,
                self.answers,
            )


def token_choice(tokens: ForgetTokens) -> ForgetTokenChoice | None:
    """Chooses the tokens of answers; None where all are read, of which nothing has to be known."""
    return None if tokens == "answer" else ForgetTokenChoice(tokens)
