"""Where to look for a method's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchRange:
    """Values of one setting that are worth trying, on a logarithmic scale.

    Attributes:
        low: the least, above 0.
        high: the greatest.
    """

    low: float
    high: float

    def clipped(self, value: float) -> float:
        """The value of the range that is nearest to one."""
        return min(max(value, self.low), self.high)

    def at(self, share: float) -> float:
        """The value so far along the range, from 0 for the least to 1 for the greatest."""
        return self.clipped(self.low * (self.high / self.low) ** share)
