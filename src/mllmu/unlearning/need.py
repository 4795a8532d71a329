"""What a loss can ask for."""

from __future__ import annotations

from enum import Enum, auto


class Need(Enum):
    """What a loss reads besides the forget half.

    Attributes:
        RETAIN: the retain half.
        FORGET_LOG_PROBS: what the frozen model gives each answer of the forget half.
        RETAIN_DISTRIBUTIONS: what the frozen model predicts at the answer tokens of the retain half.
    """

    RETAIN = auto()
    FORGET_LOG_PROBS = auto()
    RETAIN_DISTRIBUTIONS = auto()
