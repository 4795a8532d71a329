"""Protects likelihood losses: values worked out by hand, means over tokens, gradient signs."""

from __future__ import annotations

import math

import torch

from mllmu.unlearning.losses import (
    answer_nll,
    gradient_ascent,
    gradient_difference,
    sample_log_probs,
    sample_means,
)
from tests.unlearning.losses.tiny_batch import MASK, log_probs


def test_answer_nll_is_a_mean_over_tokens() -> None:
    """(log 2 + log 4 + log 8) / 3 = 2 log 2; the mean of the samples' means would be 2.25 log 2."""
    torch.testing.assert_close(answer_nll(log_probs(), MASK).item(), 2 * math.log(2))


def test_sample_log_probs_are_sums() -> None:
    """log 1/2 + log 1/4 = -3 log 2, and log 1/8 = -3 log 2."""
    expected = torch.tensor([-3 * math.log(2)] * 2)
    torch.testing.assert_close(sample_log_probs(log_probs(), MASK), expected)


def test_gradient_ascent_is_minus_the_nll() -> None:
    """-2 log 2. Going down its gradient makes each of the three answer tokens 1/3 less likely per unit."""
    inputs = log_probs()
    loss = gradient_ascent(inputs, MASK)
    torch.testing.assert_close(loss.item(), -2 * math.log(2))
    loss.backward()
    torch.testing.assert_close(inputs.grad, MASK / 3)


def test_gradient_difference_weighs_both_halves() -> None:
    """-0.5 * 4 + 2 * 3 = 4; it pushes the forget half up by 0.5 and pulls the retain half down by 2."""
    forget, retain = torch.tensor(4.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    loss = gradient_difference(forget, retain, gamma=0.5, alpha=2.0)
    loss.backward()
    assert (loss.item(), forget.grad.item(), retain.grad.item()) == (4.0, -0.5, 2.0)  # type: ignore[union-attr]


def test_sample_means_are_taken_sample_by_sample() -> None:
    """Two answers of two tokens and one: (1 + 3) / 2 = 2, and 7; the mean of all three would be 11/3."""
    means = sample_means(torch.tensor([1.0, 3.0, 7.0]), MASK)
    torch.testing.assert_close(means, torch.tensor([2.0, 7.0]))
