"""Protects how logits of assistants are added: the formula, its floor, and what must not matter."""

import torch

from mllmu.models.wrappers.logit_assistants import combined_logits


def test_centred_logits_are_added_with_their_weights():
    """z0 = (2, 0, 1), z1 = (3, 0, 0) with mean 1, w = -1: (2 - 2, 0 + 1, 1 + 1) = (0, 1, 2)."""
    own, other = torch.tensor([[2.0, 0.0, 1.0]]), torch.tensor([[3.0, 0.0, 0.0]])
    torch.testing.assert_close(combined_logits(own, [other], [-1.0], None), torch.tensor([[0.0, 1.0, 2.0]]))


def test_tokens_below_the_floor_stay_as_they_are():
    """As above with a floor of -1: z0 = 0 is more than 1 below z0 = 2, z0 = 1 is just not: (0, 0, 2)."""
    own, other = torch.tensor([[2.0, 0.0, 1.0]]), torch.tensor([[3.0, 0.0, 0.0]])
    torch.testing.assert_close(combined_logits(own, [other], [-1.0], -1.0), torch.tensor([[0.0, 0.0, 2.0]]))


def test_a_uniform_assistant_changes_nothing():
    """Whatever the constant, with and without a floor."""
    own = torch.tensor([[2.0, 0.0, 1.0]])
    for floor in (None, -1.0):
        assert torch.equal(combined_logits(own, [torch.full((1, 3), 7.0)], [-1.0], floor), own)


def test_without_a_floor_the_mean_changes_no_probability():
    own, other = torch.randn(4, 9), torch.randn(4, 9)
    plain = (own - 0.5 * other).log_softmax(-1)
    torch.testing.assert_close(combined_logits(own, [other], [-0.5], None).log_softmax(-1), plain)
