"""How an interval is printed: both ends, because near 0 and 100 % it reaches further to one side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllmu.report.numbers.scores import Score

UNKNOWN = "[–]"


def bracketed(score: Score | None, decimals: int) -> str:
    """Return a score's interval as ``[69–100]``.

    Args:
        score: whose interval; in whatever unit it is printed in.
        decimals: digits that the value itself has after the point.

    Returns:
        The ends with one digit less than the value, rounded outwards, so that the interval is no narrower
        than it is and contains the value as printed; ``[-13, -3]`` where a dash would stand before a minus;
        ``[–]`` where it is unknown; nothing without a score.
    """
    if score is None:
        return ""
    if not (math.isfinite(score.low) and math.isfinite(score.high)):
        return UNKNOWN
    digits = max(decimals - 1, 0)
    unit = 10.0**digits
    # What floating point adds to a whole number must not make it the next one.
    low, high = math.floor(score.low * unit + 1e-6) / unit, math.ceil(score.high * unit - 1e-6) / unit
    between = ", " if high < 0 else "–"
    return f"[{low + 0:.{digits}f}{between}{high + 0:.{digits}f}]"


def with_interval(score: Score | None, decimals: int = 1) -> str:
    """Return a score and its interval as ``100.0 [69–100]``; nothing without a score."""
    return "" if score is None else f"{rounded(score.value, decimals)} {bracketed(score, decimals)}"


def rounded(value: float, decimals: int) -> str:
    """Return a number with so many digits after the point; nothing is below zero that is printed as zero."""
    return f"{round(value, decimals) + 0:.{decimals}f}"
