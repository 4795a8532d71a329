"""Protects losses over the whole vocabulary: values worked out by hand, directions, and what they pull to."""

from __future__ import annotations

import math

import torch

from mllmu.unlearning.losses import (
    kl_divergence,
    logit_flattening,
    others_cross_entropy,
    self_distillation,
)


def distributions(*rows: tuple[float, ...]) -> torch.Tensor:
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


def test_the_direction_of_kl_is_from_the_reference() -> None:
    """pi0 = (1/2, 1/4, 1/4), pi = (1/4, 1/4, 1/2).

    KL(pi0 || pi) = 1/2 log 2 + 0 - 1/4 log 2 = 1/4 log 2, and so is KL(pi || pi0), which would hide a swap.
    So pi0 = (1/2, 1/2, 0): against thirds log 3/2; what pi rules out and pi0 does not costs very much.
    """
    reference, predicted = distributions((0.5, 0.25, 0.25)), distributions((0.25, 0.25, 0.5))
    every = torch.tensor([True])
    value = kl_divergence(reference, predicted, every)
    torch.testing.assert_close(value.item(), math.log(2) / 4)
    narrow, wide = distributions((0.5, 0.5, 1e-9)), distributions((1 / 3, 1 / 3, 1 / 3))
    torch.testing.assert_close(kl_divergence(narrow, wide, every).item(), math.log(1.5), atol=1e-6, rtol=0)
    # The other direction: 2/3 log 2/3 + 1/3 log(1/3 / 1e-9).
    reverse = 2 / 3 * math.log(2 / 3) + math.log(1e9 / 3) / 3
    torch.testing.assert_close(kl_divergence(wide, narrow, every).item(), reverse, atol=1e-5, rtol=0)


def test_undial_is_a_cross_entropy_to_the_lowered_distribution() -> None:
    """pi0 = (1/2, 1/4, 1/4), true token 0, strength log 2: weights 1/4, 1/4, 1/4, so a target of thirds.

    With pi = (1/2, 1/4, 1/4): (log 2 + log 4 + log 4) / 3 = 5/3 log 2.
    """
    reference = distributions((0.5, 0.25, 0.25))
    value = self_distillation(reference, reference, torch.tensor([0]), math.log(2))
    torch.testing.assert_close(value.item(), 5 / 3 * math.log(2))


def test_undial_is_least_where_its_target_is_met_and_nothing_without_strength() -> None:
    """The gradient on logits is softmax(z) - target: 0 at the target, and 0 at pi0 for a tiny strength."""
    reference = torch.tensor([[0.5, 0.25, 0.25]]).log()
    logits = torch.zeros(1, 3, requires_grad=True)  # thirds, the target for strength log 2
    self_distillation(logits.log_softmax(-1), reference, torch.tensor([0]), math.log(2)).backward()
    torch.testing.assert_close(logits.grad, torch.zeros(1, 3))
    at_start = reference.clone().requires_grad_()
    self_distillation(at_start.log_softmax(-1), reference, torch.tensor([0]), 1e-9).backward()
    torch.testing.assert_close(at_start.grad, torch.zeros(1, 3))


def test_undial_pulls_the_true_token_down_and_no_other() -> None:
    """At the start p - target = (1/2, 1/4, 1/4) - (1/3, 1/3, 1/3): down the first, up the others alike."""
    reference = torch.tensor([[0.5, 0.25, 0.25]]).log()
    logits = reference.clone().requires_grad_()
    self_distillation(logits.log_softmax(-1), reference, torch.tensor([0]), math.log(2)).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[1 / 6, -1 / 12, -1 / 12]]))


def test_ce_u_leaves_the_true_token_out() -> None:
    """p = (1/2, 1/4, 1/4), true token 0: target (0, 1/2, 1/2), so log 4; its gradient is p - target."""
    logits = torch.tensor([[0.5, 0.25, 0.25]]).log().requires_grad_()
    value = others_cross_entropy(logits, torch.tensor([0]), torch.tensor([True]))
    torch.testing.assert_close(value.item(), math.log(4))
    value.backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[0.5, -0.25, -0.25]]))


def test_ce_u_fades_once_the_token_is_forgotten() -> None:
    """With p_y = 0 the prediction is its own target, and nothing moves."""
    logits = torch.tensor([[-100.0, 0.0, 0.0]], requires_grad=True)
    others_cross_entropy(logits, torch.tensor([0]), torch.tensor([True])).backward()
    torch.testing.assert_close(logits.grad, torch.zeros(1, 3))


def test_ce_u_reads_the_tokens_it_is_told_to() -> None:
    """Of two tokens the second alone: p uniform over two, the other is certain: -log 1/2."""
    logits = torch.tensor([[9.0, 0.0], [0.0, 0.0]], requires_grad=True)
    value = others_cross_entropy(logits, torch.tensor([1, 0]), torch.tensor([False, True]))
    torch.testing.assert_close(value.item(), math.log(2))
    value.backward()
    assert not logits.grad[0].any()  # type: ignore[index]


def test_flattening_is_the_squared_height_of_the_peak() -> None:
    """Logits (4, 1, 1) have mean 2: (4 - 2)^2 = 4; (0, 0, 0) is flat: 0; their mean is 2."""
    logits = torch.tensor([[4.0, 1.0, 1.0], [0.0, 0.0, 0.0]], requires_grad=True)
    value = logit_flattening(logits)
    torch.testing.assert_close(value.item(), 2.0)
    value.backward()
    assert logits.grad[0, 0] > 0  # type: ignore[index]
    assert (logits.grad[0, 1:] < 0).all()  # type: ignore[index]
