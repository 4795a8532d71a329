"""Protects weighted ascent: values worked out by hand, weights without gradient, and GA without weights."""

from __future__ import annotations

import math

import torch

from mllmu.unlearning.losses import gradient_ascent, weighted_ascent
from tests.unlearning.losses.tiny_batch import MASK, log_probs


def test_wga_weighs_by_probability() -> None:
    """-(1/2 log 2 + 1/4 log 4 + 1/8 log 8) / 3 = -(4 + 4 + 3) / 24 log 2 = -11/24 log 2.

    The weights have no gradient of their own: going down it makes each token p/3 less likely per unit.
    """
    inputs = log_probs()
    loss = weighted_ascent(inputs, MASK, beta=1.0)
    torch.testing.assert_close(loss.item(), -11 / 24 * math.log(2))
    loss.backward()
    expected = torch.tensor([[0, 1 / 2, 1 / 4], [0, 1 / 8, 0]]) / 3
    torch.testing.assert_close(inputs.grad, expected)


def test_satimp_weighs_by_both() -> None:
    """beta1 2, beta2 1: 1/4 * 1/2, 1/16 * 3/4, 1/64 * 7/8 = (64, 24, 7) / 512; times 1, 2, 3 log 2.

    -(64 + 48 + 21) / 1536 log 2 = -133/1536 log 2.
    """
    loss = weighted_ascent(log_probs(), MASK, beta=2.0, saturation=1.0)
    torch.testing.assert_close(loss.item(), -133 / 1536 * math.log(2))


def test_satimp_leaves_what_is_certain() -> None:
    inputs = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    weighted_ascent(inputs, MASK, beta=1.0, saturation=1.0).backward()
    assert not inputs.grad.any()  # type: ignore[union-attr]


def test_without_weights_it_is_gradient_ascent() -> None:
    """beta 0, in value and gradient."""
    inputs, plain = log_probs(), log_probs()
    found, expected = weighted_ascent(inputs, MASK, beta=0.0), gradient_ascent(plain, MASK)
    torch.testing.assert_close(found, expected)
    found.backward()
    expected.backward()
    torch.testing.assert_close(inputs.grad, plain.grad)


def test_an_impossible_token_is_forgotten() -> None:
    """Weight 0 times an infinite NLL is 0, in value and gradient."""
    inputs = torch.tensor([[0.0, -math.inf, -1.0], [0.0, -1.0, 0.0]], requires_grad=True)
    loss = weighted_ascent(inputs, MASK, beta=1.0)
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(inputs.grad).all()  # type: ignore[arg-type]
