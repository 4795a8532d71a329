"""Protects saliency: gradients by hand, over answer tokens alone, in evaluation mode and without a step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mllmu.models import Encoded
from mllmu.unlearning.weights.saliency import gradient_sums, squared_gradient_means


class Coin(nn.Module):
    """Predicts token 0 or 1 everywhere by the logits ``scale * z``; another weight is never read."""

    def __init__(self, scale: float = 1.0, dropout: float = 0.0) -> None:
        super().__init__()
        self.z = nn.Parameter(torch.zeros(2))
        self.unread = nn.Parameter(torch.ones(3))
        self._scale = scale
        self._dropout = nn.Dropout(dropout)
        self._head = nn.Identity()

    def get_output_embeddings(self) -> nn.Module:
        """What is shown the positions to predict at."""
        return self._head

    def forward(self, input_ids: Tensor, **rest: Any) -> Any:
        logits = self._dropout(torch.ones(2)) * self._scale * self.z
        seen = self._head(torch.zeros(*input_ids.shape, 1))
        return SimpleNamespace(logits=logits.expand(*seen.shape[:-1], 2))


def item(*answer: int) -> Encoded:
    """A prompt of two tokens, which is not predicted, and an answer."""
    ids = torch.tensor([0, 0, *answer])
    return Encoded(ids, torch.tensor([False, False, *[True] * len(answer)]), {})


# With p = 1/2, the gradient of CE by z is 1/2 less the share of each token among the answer's tokens.
ITEMS: Any = [item(0), item(0, 1, 1)]
HOW: Any = (0, 1, "float32")


def test_sums_of_gradients() -> None:
    """(1/2 - 1, 1/2 - 0) = (-1/2, 1/2) and (1/2 - 1/3, 1/2 - 2/3) = (1/6, -1/6) add up to (-1/3, 1/3)."""
    model = Coin()
    saliency = gradient_sums(model, ITEMS, *HOW)
    torch.testing.assert_close(saliency["z"], torch.tensor([1 / 3, 1 / 3]))
    assert not saliency["unread"].any()
    assert not model.z.any() and model.z.grad is None


def test_means_of_squared_gradients() -> None:
    """(1/4 + 1/36) / 2 = 5/36 for batches of one. One batch of both has two of either token: nothing."""
    torch.testing.assert_close(squared_gradient_means(Coin(), ITEMS, *HOW)["z"], torch.full((2,), 5 / 36))
    assert not squared_gradient_means(Coin(), ITEMS, 0, 2, "float32")["z"].any()


def test_small_gradients_do_not_underflow() -> None:
    """Of 1e-6 / 2, the square is 2.5e-13: zero in half precision, whose smallest number is 6e-8."""
    values = squared_gradient_means(Coin(scale=1e-6), ITEMS[:1], *HOW)["z"]
    assert values.tolist() == pytest.approx([2.5e-13] * 2)


def test_dropout_is_off() -> None:
    model = Coin(dropout=0.5).train()
    torch.testing.assert_close(gradient_sums(model, ITEMS, *HOW)["z"], torch.tensor([1 / 3, 1 / 3]))


def test_frozen_parameters_have_none() -> None:
    model = Coin()
    model.unread.requires_grad_(False)
    assert set(gradient_sums(model, ITEMS, *HOW)) == {"z"}
