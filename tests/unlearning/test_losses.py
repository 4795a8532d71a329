"""Protects the losses: values worked out by hand, gradient signs, and blindness to everything but answers."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from mllmu.unlearning.losses import (
    answer_nll,
    gradient_ascent,
    gradient_difference,
    kl_divergence,
    negative_preference,
    sample_log_probs,
)

# Two samples of three tokens: prompt, answer, answer; and prompt, answer, padding.
MASK = torch.tensor([[False, True, True], [False, True, False]])


def log_probs(noise: float = 0.0) -> Tensor:
    """Probabilities 1/2 and 1/4 in the first answer, 1/8 in the second; ``noise`` everywhere else."""
    half, quarter, eighth = math.log(1 / 2), math.log(1 / 4), math.log(1 / 8)
    return torch.tensor([[noise, half, quarter], [noise, eighth, noise]], requires_grad=True)


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


def distributions(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows).log().requires_grad_()


def test_kl_is_the_mean_of_whole_vocabulary_divergences() -> None:
    """Reference (1/2, 1/2) against (1/4, 3/4): 1/2 log 2 + 1/2 log 2/3 = 1/2 log 4/3.

    Reference (3/4, 1/4) against (1/2, 1/2): 3/4 log 3/2 + 1/4 log 1/2.
    The third position is masked out. A cross-entropy would not be 0 between equals; a sum would be double.
    """
    reference = distributions((1 / 2, 1 / 2), (3 / 4, 1 / 4), (1 / 8, 7 / 8))
    predicted = distributions((1 / 4, 3 / 4), (1 / 2, 1 / 2), (7 / 8, 1 / 8))
    mask = torch.tensor([True, True, False])
    first, second = math.log(4 / 3) / 2, 0.75 * math.log(1.5) - 0.25 * math.log(2)
    found = kl_divergence(reference, predicted, mask)
    torch.testing.assert_close(found.item(), (first + second) / 2)
    assert kl_divergence(reference, reference, mask).item() == 0


def test_kl_pulls_towards_the_reference() -> None:
    """With logits z, the gradient is softmax(z) - reference = (1/4, 3/4) - (1/2, 1/2)."""
    logits = torch.tensor([[0.0, math.log(3)]], requires_grad=True)
    reference = torch.tensor([[1 / 2, 1 / 2]]).log()
    kl_divergence(reference, logits.log_softmax(-1), torch.tensor([True])).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[-0.25, 0.25]]))


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


@pytest.mark.parametrize(
    "loss",
    [
        answer_nll,
        gradient_ascent,
        lambda values, mask: sample_log_probs(values, mask).sum(),
        lambda values, mask: negative_preference(sample_log_probs(values, mask), torch.zeros(2), 0.1),
        lambda values, mask: kl_divergence(
            torch.zeros(2, 3, 1), torch.where(mask, 0.0, values)[..., None], mask
        ),
        lambda values, mask: kl_divergence(torch.zeros(2, 3, 1), values[..., None], mask),
    ],
)
@pytest.mark.parametrize("noise", [-50.0, -math.inf])
def test_prompt_and_padding_are_not_seen(loss: Callable[[Tensor, Tensor], Tensor], noise: float) -> None:
    """Neither the value nor the gradient depends on what stands outside the mask, be it infinite."""
    clean, noisy = log_probs(), log_probs(noise)
    expected, found = loss(clean, MASK), loss(noisy, MASK)
    torch.testing.assert_close(found, expected)
    expected.backward()
    found.backward()
    torch.testing.assert_close(noisy.grad, clean.grad)
    assert not noisy.grad[~MASK].any()  # type: ignore[index]


def test_parts_of_a_step_add_up() -> None:
    """Divided by what the whole step holds (3 tokens, 2 samples), the rows' losses sum to the batch's."""
    values, reference = log_probs().detach(), torch.tensor([-1.0, -2.0])
    nll = sum(answer_nll(values[i : i + 1], MASK[i : i + 1], tokens=3) for i in range(2))
    torch.testing.assert_close(nll, answer_nll(values, MASK))
    sums = sample_log_probs(values, MASK)
    npo = sum(negative_preference(sums[i : i + 1], reference[i : i + 1], 0.1, samples=2) for i in range(2))
    torch.testing.assert_close(npo, negative_preference(sums, reference, 0.1))
    frozen, learned = torch.randn(2, *MASK.shape, 4, generator=torch.manual_seed(0)).log_softmax(dim=-1)
    kl = sum(
        kl_divergence(frozen[i : i + 1], learned[i : i + 1], MASK[i : i + 1], tokens=3) for i in range(2)
    )
    torch.testing.assert_close(kl, kl_divergence(frozen, learned, MASK))
    assert kl > 0.1
