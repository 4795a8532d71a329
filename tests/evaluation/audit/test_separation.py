"""Protects how well pools are told apart, and that few models leave much unknown."""

from __future__ import annotations

import math

import pytest

from mllmu.evaluation.audit.separation import area_interval, separation


def test_pools_by_hand() -> None:
    """3 above 1 and 2, 2 above 1 and equal to 2: 3.5 of 4 pairs."""
    assert separation([3, 2], [1, 2]).area == 3.5 / 4
    assert separation([3, math.nan], [1, math.nan]).area == 1
    assert math.isnan(separation([], [1]).area) and math.isnan(separation([], [1]).low)


def test_one_model_each_as_wilson_has_it() -> None:
    """The variance of one pair is that of one toss: .5 -+ z / (2 sqrt(1 + z^2)) = .5 -+ .4453."""
    z = 1.959964
    half = z / (2 * math.sqrt(1 + z**2))
    assert area_interval(0.5, 1, 1) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


def test_ends_satisfy_the_equation_and_mirror_each_other() -> None:
    """(end - area)^2 = z^2 end (1 - end) (1 + (N - 1) ((1 - end) / (2 - end) + end / (1 + end))) / (m n)."""
    low, high = area_interval(0.8, 5, 7)
    for end in (low, high):
        spread = 1 + 5 * ((1 - end) / (2 - end) + end / (1 + end))
        assert (end - 0.8) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) * spread / 35, rel=1e-5)
    assert area_interval(0.2, 7, 5) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("models", [2, 6, 30])
def test_pools_told_apart_without_an_error_have_an_interval_that_narrows_with_models(models: int) -> None:
    low, high = area_interval(1.0, models, models)
    assert high == 1 and 0 < low < 1
    assert area_interval(1.0, models + 1, models)[0] > low
    assert area_interval(0.0, models, models) == pytest.approx((0, 1 - low))
