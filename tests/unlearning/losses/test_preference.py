"""Protects losses with one log-ratio per sample: values worked out by hand, identities, and signs."""

from __future__ import annotations

import math

import pytest
import torch

from mllmu.unlearning.losses import (
    direct_preference,
    gradient_ascent,
    negative_preference,
    sample_log_probs,
    simple_negative_preference,
    total_variation_contrast,
)
from tests.unlearning.losses.tiny_batch import MASK, log_probs


def test_npo_has_one_ratio_per_sample() -> None:
    """beta 1, ratios log 3 and -log 3: sigmoid(-log 3) = 1/4, sigmoid(log 3) = 3/4.

    -(2/1) * (log 1/4 + log 3/4) / 2 = log 16/3. One ratio for the whole batch would be 0 and give 2 log 2.
    """
    current = torch.tensor([math.log(3) - 5, -math.log(3) - 7])
    found = negative_preference(current, torch.tensor([-5.0, -7.0]), beta=1.0)
    torch.testing.assert_close(found.item(), math.log(16 / 3))


@pytest.mark.parametrize("beta", [0.1, 0.4, 2.0])
def test_npo_starts_as_gradient_ascent_and_fades(beta: float) -> None:
    """Equal to its reference: (2/beta) log 2, gradient 2 sigmoid(0) = 1, that of the log-probability.

    Once an answer is unlikely (ratio -100/beta) the gradient is 2 sigmoid(-100), nothing.
    """
    current = torch.tensor([-3.0], requires_grad=True)
    loss = negative_preference(current, torch.tensor([-3.0]), beta)
    loss.backward()
    torch.testing.assert_close(loss.item(), 2 / beta * math.log(2))
    torch.testing.assert_close(current.grad, torch.tensor([1.0]))
    gone = torch.tensor([-3.0 - 100 / beta], requires_grad=True)
    negative_preference(gone, torch.tensor([-3.0]), beta).backward()
    assert 0 <= gone.grad.item() < 1e-20  # type: ignore[union-attr]


def test_npo_becomes_gradient_ascent_as_beta_falls() -> None:
    """For beta -> 0 the gradient is that of the mean log-probability, however far both models are."""
    inputs = log_probs()
    negative_preference(sample_log_probs(inputs, MASK), torch.tensor([-40.0, 3.0]), beta=1e-6).backward()
    ascent = log_probs()
    # GA is a mean over tokens, NPO one over samples: 3 tokens against 2 samples.
    (gradient_ascent(ascent, MASK) * 3 / 2).backward()
    torch.testing.assert_close(inputs.grad, ascent.grad, atol=1e-4, rtol=0)


def test_dpo_weighs_what_is_preferred_against_what_is_rejected() -> None:
    """beta 1/2, d(preferred) = 2 log 3, d(rejected) = 0: sigmoid(log 3) = 3/4, so -4 log 3/4."""
    two_log_3 = 2 * math.log(3)
    value = direct_preference(
        torch.tensor([two_log_3 - 5]), torch.tensor([-5.0]), torch.tensor([-7.0]), torch.tensor([-7.0]), 0.5
    )
    torch.testing.assert_close(value.item(), -4 * math.log(3 / 4))


def test_dpo_raises_the_preferred_and_lowers_the_rejected() -> None:
    """At the start both gradients are 2/beta * beta * sigmoid(0) = 1, with opposite signs."""
    good, bad = torch.tensor([-5.0], requires_grad=True), torch.tensor([-7.0], requires_grad=True)
    direct_preference(good, torch.tensor([-5.0]), bad, torch.tensor([-7.0]), 0.3).backward()
    torch.testing.assert_close((good.grad, bad.grad), (torch.tensor([-1.0]), torch.tensor([1.0])))


def test_dpo_without_its_preferred_part_is_npo() -> None:
    current, frozen = torch.tensor([-3.0, -9.0]), torch.tensor([-4.0, -2.0])
    nothing = torch.zeros(2)
    found = direct_preference(nothing, nothing, current, frozen, 0.2)
    torch.testing.assert_close(found, negative_preference(current, frozen, 0.2))


def test_simnpo_reads_the_mean_of_each_answer() -> None:
    """beta 1, delta 0: answers of nll (3 log 2) / 2 and 3 log 2, so sigmoids of these.

    sigmoid(log x) = x / (1 + x): of 2^1.5 and 2^3. The mean over both tokens alike would take 2 log 2 twice.
    """
    inputs = log_probs()
    found = simple_negative_preference(sample_log_probs(inputs, MASK), MASK.sum(-1), 1.0, 0.0)
    first, second = 2**1.5 / (1 + 2**1.5), 8 / 9
    torch.testing.assert_close(found.item(), -(math.log(first) + math.log(second)))
    found.backward()
    assert (inputs.grad[MASK] > 0).all()  # type: ignore[index]


def test_simnpo_without_lengths_is_npo_with_a_certain_reference() -> None:
    current = torch.tensor([-3.0, -9.0])
    found = simple_negative_preference(current, torch.ones(2), 0.2, 0.0)
    torch.testing.assert_close(found, negative_preference(current, torch.zeros(2), 0.2))


def test_simnpo_slows_down_at_its_margin() -> None:
    """Where nll = delta the sigmoid's argument is 0: the loss is (2/beta) log 2, its gradient 1 / length."""
    current = torch.tensor([-6.0], requires_grad=True)
    loss = simple_negative_preference(current, torch.tensor([3]), 4.0, 2.0)
    torch.testing.assert_close(loss.item(), math.log(2) / 2)
    loss.backward()
    torch.testing.assert_close(current.grad, torch.tensor([1 / 3]))


def test_flat_makes_the_good_answer_likely_and_the_bad_unlikely() -> None:
    """P(good) = atanh(1/4), P(bad) = atanh(3/4): (3/4 - 1/4) / 2 = 1/4."""
    good = torch.tensor([math.atanh(0.25)], requires_grad=True)
    bad = torch.tensor([math.atanh(0.75)], requires_grad=True)
    loss = total_variation_contrast(good, bad)
    torch.testing.assert_close(loss.item(), 0.25)
    loss.backward()
    # The slope of tanh is 1 - tanh^2.
    torch.testing.assert_close(good.grad, torch.tensor([-(1 - 1 / 16) / 2]))
    torch.testing.assert_close(bad.grad, torch.tensor([(1 - 9 / 16) / 2]))
