"""Answers that a wrapper gives in a model's place, as the engine returns them.

Who gets a reply learns nothing about any other answer. So every token of an answer that is to be scored has
the same log-probability, that of a draw from the vocabulary: options and letters are equally likely, and the
ratio of a wrong and a true answer is 1. No weight changes the reply, so that its gradient is 0.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import chain, islice, repeat

from mllmu.inference.in_memory.stop_rule import StopRule
from mllmu.inference.request import Extra, Stop, TokenScores

# Means of multiples of a power of two are exact, so that answers of any lengths tie.
_STEPS = 1024


def reply_scores(
    answer: Sequence[int], reply: Sequence[int], vocabulary: int, extras: Collection[Extra] = ()
) -> TokenScores:
    """Scores of an answer where a reply stands in the model's place.

    Args:
        answer: token ids of the answer to score.
        reply: token ids of the reply, end token included; they are what is "likeliest", whatever the answer.
        vocabulary: number of tokens there are.
        extras: what else is told.

    Example:
        >>> reply_scores([5, 2], [7, 2], 1024).log_probs[0] == reply_scores([5, 2], [7, 2], 1024).log_probs[1]
        True
    """
    log_prob = -round(math.log(vocabulary) * _STEPS) / _STEPS
    likeliest = tuple(islice(chain(reply, repeat(reply[-1])), len(answer)))
    return TokenScores(
        (log_prob,) * len(answer),
        (False,) * len(answer),
        likeliest,
        ((log_prob, 0.0),) * len(answer) if Extra.TOKEN_MOMENTS in extras else (),
        0.0 if Extra.GRADIENT_NORMS in extras else None,
    )


def reply_text(reply: Sequence[int], stop: Stop, limit: int, rule: StopRule) -> str:
    """A reply, cut off where an answer of the model would be.

    Args:
        reply: its token ids, end token included.
        stop: what ends the answer besides an end token.
        limit: maximum number of tokens.
        rule: cuts.
    """
    return rule.text(rule.truncate(reply, stop, limit)[0])
