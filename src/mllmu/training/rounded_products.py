"""Rounding of products up, so that nothing is added where they are whole."""

from __future__ import annotations

import math
from fractions import Fraction


def rounded_up(factor: float, count: int) -> int:
    """The least whole number that is not below a product, with the factor as it is written in decimals.

    The product of floats may lie above it: 0.28 * 100 is 28.000000000000004.

    Args:
        factor: a finite number.
        count: how many there are of what it is a share or a multiple of.

    Example:
        >>> rounded_up(0.28, 100), rounded_up(0.281, 100)
        (28, 29)
    """
    return math.ceil(Fraction(str(factor)) * count)
