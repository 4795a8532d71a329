"""Protects: a share of many is as many as a person works out."""

import pytest

from mllmu.training.rounded_products import rounded_up


@pytest.mark.parametrize(
    ("factor", "count", "expected"),
    [
        (0.28, 100, 28),  # 28.000000000000004 as a product of floats
        (1.1, 10, 11),
        (0.07, 100, 7),
        (0.281, 100, 29),
        (1e-9, 100, 1),
        (5.0, 25, 125),
        (2, 3, 6),
        (0.0, 100, 0),
    ],
)
def test_products_are_rounded_up(factor, count, expected):
    assert rounded_up(factor, count) == expected
