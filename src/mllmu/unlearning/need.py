"""What a loss can ask for: halves of a batch, and what the frozen model makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Half(str, Enum):
    """A part of a batch, with as many samples as each other part.

    Attributes:
        FORGET: questions to forget, with their answers.
        RETAIN: questions to retain, with their answers.
        REFUSAL: the same forget questions and pictures, each with a refusal for an answer.
        ALTERNATIVE: the same, each with a plausible but wrong answer.
        RANDOM_ANSWER: the same, each with the answer about somebody else.
        OTHER_PERSON: the same questions about somebody to retain, with that person's picture and answer.
        BLIND: the forget questions after an instruction to know nothing, with noised pictures; true answers.
        MISMATCHED: the forget pictures, each with the question and answer of another forget sample.
        TEXT_ONLY: the forget questions and answers without their pictures.
    """

    FORGET = "forget"
    RETAIN = "retain"
    REFUSAL = "refusal"
    ALTERNATIVE = "alternative"
    RANDOM_ANSWER = "random_answer"
    OTHER_PERSON = "other_person"
    BLIND = "blind"
    MISMATCHED = "mismatched"
    TEXT_ONLY = "text_only"


class Frozen(str, Enum):
    """What is read of the frozen model, the one before the first step.

    Attributes:
        NOTHING: nothing.
        LOG_PROBS: the log-probability of each whole answer.
        DISTRIBUTIONS: log-probabilities of the whole vocabulary at each answer token.
        STATES: the hidden states of one decoder layer at each answer token.
    """

    NOTHING = "nothing"
    LOG_PROBS = "log_probs"
    DISTRIBUTIONS = "distributions"
    STATES = "states"


class Need(Enum):
    """What a loss reads besides the forget half; each is a half and what the frozen model makes of it."""

    FORGET_LOG_PROBS = (Half.FORGET, Frozen.LOG_PROBS)
    FORGET_DISTRIBUTIONS = (Half.FORGET, Frozen.DISTRIBUTIONS)
    FORGET_STATES = (Half.FORGET, Frozen.STATES)
    RETAIN = (Half.RETAIN, Frozen.NOTHING)
    RETAIN_LOG_PROBS = (Half.RETAIN, Frozen.LOG_PROBS)
    RETAIN_DISTRIBUTIONS = (Half.RETAIN, Frozen.DISTRIBUTIONS)
    RETAIN_STATES = (Half.RETAIN, Frozen.STATES)
    REFUSAL = (Half.REFUSAL, Frozen.NOTHING)
    REFUSAL_LOG_PROBS = (Half.REFUSAL, Frozen.LOG_PROBS)
    ALTERNATIVE = (Half.ALTERNATIVE, Frozen.NOTHING)
    ALTERNATIVE_LOG_PROBS = (Half.ALTERNATIVE, Frozen.LOG_PROBS)
    RANDOM_ANSWER = (Half.RANDOM_ANSWER, Frozen.NOTHING)
    OTHER_PERSON = (Half.OTHER_PERSON, Frozen.NOTHING)
    BLIND_DISTRIBUTIONS = (Half.BLIND, Frozen.DISTRIBUTIONS)
    MISMATCHED_STATES = (Half.MISMATCHED, Frozen.STATES)
    TEXT_ONLY_STATES = (Half.TEXT_ONLY, Frozen.STATES)

    @property
    def half(self) -> Half:
        """The half that is read."""
        return self.value[0]

    @property
    def frozen(self) -> Frozen:
        """What is read of the frozen model there."""
        return self.value[1]


def halves_of(needs: Iterable[Need]) -> list[Half]:
    """The halves of a batch that a loss with such needs is given, the forget half always, in one order."""
    read = {Half.FORGET, *(need.half for need in needs)}
    return [half for half in Half if half in read]
