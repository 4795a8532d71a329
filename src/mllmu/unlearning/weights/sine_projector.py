"""A bounded way for the projector to learn: W + sin(dW), where dW learns (SineProject, arXiv 2511.18444)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from mllmu.errors import UserError
from mllmu.models import module_map


class SineDifference(nn.Module):
    """W as a function of dW: W0 + sin(dW), which never leaves W0 by more than 1 (equation 9)."""

    start: Tensor

    def __init__(self, start: Tensor) -> None:
        """Take W0, which stays as it is."""
        super().__init__()
        self.register_buffer("start", start.detach().clone())

    def forward(self, difference: Tensor) -> Tensor:
        """W of dW."""
        return self.start + difference.sin()

    def right_inverse(self, weight: Tensor) -> Tensor:
        """The dW to begin with: nothing."""
        return torch.zeros_like(weight)


def projector_matrices(model: nn.Module) -> list[str]:
    """Names of the projector's weight matrices.

    Raises:
        UserError: if it has none.
    """
    projector = module_map(model).projector
    names = [
        f"{projector}.{name}"
        for name, parameter in model.get_submodule(projector).named_parameters()
        if parameter.ndim == 2
    ]
    if not names:
        raise UserError(f"The projector '{projector}' has no weight matrix; expected one that can learn.")
    return names


@contextmanager
def sine_projector(model: nn.Module) -> Iterator[None]:
    """Meanwhile the projector's matrices learn as W + sin(dW), and its other weights, such as biases, do not.

    Afterwards they are plain matrices again.

    Raises:
        UserError: if the projector has no matrix.
    """
    names = projector_matrices(model)
    projector = model.get_submodule(module_map(model).projector)
    owners = [(model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2]) for name in names]
    projector.requires_grad_(False)
    for module, name in owners:
        weight: Tensor = getattr(module, name)
        parametrize.register_parametrization(module, name, SineDifference(weight))
        module.get_parameter(f"parametrizations.{name}.original").requires_grad_(True)
    try:
        yield
    finally:
        for module, name in owners:
            parametrize.remove_parametrizations(module, name, leave_parametrized=True)
