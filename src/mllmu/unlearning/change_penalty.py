"""How far a training has moved the weights: the L1 penalty that any loss can be given."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class ChangePenalty:
    """The sum of |theta - theta0| over all weights that learn, but for a sine projector's.

    The change that adapters make counts, B A times their scale, not the adapters' own weights. Of a projector
    that learns as W + sin(dW) it is |dW|, not |sin(dW)|: less than 1 % more up to 0.24. It takes the memory
    of one more copy of the other weights that learn.
    """

    def __init__(self, learner: nn.Module) -> None:
        """Remember where the weights are.

        Args:
            learner: what is to learn, with or without PEFT adapters.
        """
        self._adapted: list[Any] = [
            module for module in learner.modules() if hasattr(module, "get_delta_weight")
        ]
        adapters = {id(weight) for module in self._adapted for weight in module.parameters()}
        self._start = [
            (weight, weight.detach().clone())
            for weight in learner.parameters()
            if weight.requires_grad and id(weight) not in adapters
        ]

    def __call__(self) -> Tensor:
        """The distance now."""
        moved = [(weight - start).abs().sum() for weight, start in self._start]
        moved += [module.get_delta_weight("default").abs().sum() for module in self._adapted]
        return torch.stack(moved).sum()
