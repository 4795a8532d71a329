"""What asking a judge will cost, before it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mllmu.evaluation.judge.asked.rubric import MAX_REPLY_TOKENS, Rubric, rubric_messages
from mllmu.evaluation.judge.verdicts import AnswerPair

# English text has about four characters a token, and a message a few tokens around it.
_CHARACTERS_PER_TOKEN = 4
_TOKENS_AROUND_A_MESSAGE = 4
_USUAL_REPLY_TOKENS = 40
_PER = 1_000_000


@dataclass(frozen=True)
class CostEstimate:
    """An estimate of tokens; a tokeniser's own count may differ by a fifth, more for other scripts.

    Attributes:
        requests: how many answers are to be judged.
        tokens_in: of all requests.
        tokens_out: of all replies as they usually are.
        most_tokens_out: of all replies at their limit.
    """

    requests: int
    tokens_in: int
    tokens_out: int
    most_tokens_out: int

    def price(self, price_in: float, price_out: float) -> tuple[float, float]:
        """The usual and the greatest price.

        Args:
            price_in: of a million tokens of requests.
            price_out: of a million tokens of replies, in the same currency.
        """
        asked = self.tokens_in * price_in / _PER
        return asked + self.tokens_out * price_out / _PER, asked + self.most_tokens_out * price_out / _PER


def estimate_cost(pairs: Sequence[AnswerPair], rubric: Rubric = rubric_messages) -> CostEstimate:
    """Estimate what asking about answers takes.

    Args:
        pairs: those that are not judged yet, each once.
        rubric: how a verdict is asked for.
    """
    tokens = 0
    for pair in pairs:
        for message in rubric(pair):
            tokens += -(-len(message["content"]) // _CHARACTERS_PER_TOKEN) + _TOKENS_AROUND_A_MESSAGE
    count = len(pairs)
    return CostEstimate(count, tokens, count * _USUAL_REPLY_TOKENS, count * MAX_REPLY_TOKENS)
