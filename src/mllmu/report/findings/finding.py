"""One thing that the numbers say, and the words such things are said in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from mllmu.evaluation import Difference


class Tone(Enum):
    """Whether a finding is welcome."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Finding:
    """One headline with the sentence that backs it."""

    title: str
    text: str
    tone: Tone


def points(difference: Difference) -> str:
    """A signed difference with its interval: ``+3.1 [−1.0, +7.2]``."""
    ends = (difference.value, difference.low, difference.high)
    value, low, high = (f"{each:+.1f}".replace("-", "−") for each in ends)
    return f"{value} [{low}, {high}]"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 model``, ``2 models``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(items: Sequence[str]) -> str:
    """Items as they are read out: ``a``, ``a and b``, ``a, b and c``; ``none`` for none."""
    if len(items) < 2:
        return items[0] if items else "none"
    return f"{', '.join(items[:-1])} and {items[-1]}"
