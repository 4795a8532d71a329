"""Two samples of three tokens, which the tests of losses share."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# Prompt, answer, answer; and prompt, answer, padding.
MASK = torch.tensor([[False, True, True], [False, True, False]])


def log_probs(noise: float = 0.0) -> Tensor:
    """Probabilities 1/2 and 1/4 in the first answer, 1/8 in the second; ``noise`` everywhere else."""
    half, quarter, eighth = math.log(1 / 2), math.log(1 / 4), math.log(1 / 8)
    return torch.tensor([[noise, half, quarter], [noise, eighth, noise]], requires_grad=True)
