"""Protects SMFA's rule by hand: which entries of a difference go, and which must stay."""

from __future__ import annotations

import pytest
import torch

from mllmu.unlearning.weights.sculpting import sculpted


@pytest.mark.parametrize(("strength", "kept"), [(0.5, [2, 0, 0]), (1.0, [2, -3, 0]), (2.0, [2, -3, 6])])
def test_entries_that_overrule_the_anchor_go(strength: float, kept: list[float]) -> None:
    """f = (2, -3, 6) has norm 7, a = (1, 2, -2) norm 3: rho = 7/3.

    The first entries agree, so that 2 always stays, whatever k rho 1 is. Of the others, k 14/3 stands against
    3 and
    6: for k = 1/2 it is 2.33, and both go; for k = 1 it is 4.67, and 6 goes; for k = 2 it is 9.33, and both
        stay.
    """
    forget, anchor = torch.tensor([2.0, -3.0, 6.0]), torch.tensor([1.0, 2.0, -2.0])
    assert sculpted(forget, anchor, strength).tolist() == kept


def test_nothing_goes_where_the_anchor_is_still() -> None:
    """No direction to overrule; and an anchor of zeros alone has no norm to compare with."""
    forget = torch.tensor([3.0, -4.0, 0.0])
    assert sculpted(forget, torch.tensor([1.0, 0.0, 1.0]), 1e-6).tolist() == [3, -4, 0]
    assert torch.equal(sculpted(forget, torch.zeros(3), 1.0), forget)
