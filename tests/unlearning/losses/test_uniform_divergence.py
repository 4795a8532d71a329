"""Protects how far an assistant is from knowing nothing."""

import math

import torch

from mllmu.unlearning.losses.uniform_divergence import uniform_divergence


def test_by_hand():
    """p = (3/4, 1/4): KL(u || p) = -ln 2 - (ln 3/4 + ln 1/4) / 2 = ln 2 - (ln 3) / 2 = 0.14384.

    Of two tokens, one uniform: half of it.
    """
    log_probs = torch.tensor([[0.75, 0.25], [0.5, 0.5]]).log()
    expected = math.log(2) - math.log(3) / 2
    assert abs(float(uniform_divergence(log_probs[:1], 1)) - expected) < 1e-6
    assert abs(float(uniform_divergence(log_probs, 2)) - expected / 2) < 1e-6


def test_descent_makes_predictions_uniform():
    logits = torch.tensor([[2.0, 0.0, -1.0]], requires_grad=True)
    uniform_divergence(logits.log_softmax(-1), 1).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] > 0 > logits.grad[0, 2]


def test_micro_batches_add_up():
    log_probs = torch.randn(5, 7).log_softmax(-1)
    parts = uniform_divergence(log_probs[:2], 5) + uniform_divergence(log_probs[2:], 5)
    torch.testing.assert_close(parts, uniform_divergence(log_probs, 5))
