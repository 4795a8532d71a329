"""Adapters that say nothing in some directions: W + B A P, P the projection onto the other directions.

Legend of shapes: s samples, k directions, d inputs of a layer, o outputs, r rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from mllmu.errors import DivergedError, UserError

# Relative to the largest, singular values below this are taken to be zero.
_TOLERANCE = 1e-5


def directions_of(features: Tensor) -> Tensor:
    """Orthonormal directions that span some features, [k, d], by singular value decomposition.

    Args:
        features: [s, d].

    Raises:
        UserError: if they span everything, so that no other direction is left.
    """
    _, values, directions = torch.linalg.svd(features.double(), full_matrices=False)
    spanning = directions[values > _TOLERANCE * values.max()]
    if len(spanning) == features.shape[1]:
        raise UserError(
            f"{len(features)} pictures to retain leave none of {features.shape[1]} directions; "
            "expected fewer pictures, or a wider layer."
        )
    return spanning.to(features.dtype)


def without_directions(matrix: Tensor, directions: Tensor) -> Tensor:
    """M P: a matrix [r, d] that is blind to some orthonormal directions [k, d], with P = I - V^T V."""
    return matrix - matrix @ directions.T @ directions


class BlindAdapter(nn.Module):
    """A weight [o, d] with a low-rank difference B A P that learns beside it."""

    directions: Tensor

    def __init__(self, weight: Tensor, directions: Tensor, rank: int, generator: torch.Generator) -> None:
        """Draw A and B; B is small but not zero, so that the difference has a direction from the start.

        Args:
            weight: [o, d].
            directions: [k, d] to which the difference is to be blind.
            rank: r.
            generator: draws A and B.
        """
        super().__init__()
        outputs, inputs = weight.shape
        a = torch.randn(rank, inputs, generator=generator) * inputs**-0.5
        b = torch.randn(outputs, rank, generator=generator) * 1e-3
        self.a, self.b = nn.Parameter(a.to(weight.device)), nn.Parameter(b.to(weight.device))
        self.register_buffer("directions", directions.to(weight.device, torch.float32))

    def difference(self) -> Tensor:
        """B A P, [o, d]."""
        return self.b @ without_directions(self.a, self.directions)

    def forward(self, weight: Tensor) -> Tensor:
        """W + B A P."""
        return weight + self.difference().to(weight)


@contextmanager
def blind_adapters(
    model: nn.Module, directions: Mapping[str, Tensor], rank: int, seed: int
) -> Iterator[dict[str, BlindAdapter]]:
    """Meanwhile some linear layers have adapters; afterwards the adapters' differences are subtracted.

    So they are where learning diverges, as it leaves what was learned before; after another error, or a stop,
    the weights are as they were.

    Args:
        model: whose layers.
        directions: name of a linear layer -> [k, d] to which its adapter is blind.
        rank: of the adapters.
        seed: draws them.

    Yields:
        The adapters by their layers' names.
    """
    generator = torch.Generator().manual_seed(seed)
    adapters: dict[str, BlindAdapter] = {}
    for name, blind_to in directions.items():
        layer = model.get_submodule(name)
        adapters[name] = BlindAdapter(layer.weight, blind_to, rank, generator)  # type: ignore[arg-type]
        parametrize.register_parametrization(layer, "weight", adapters[name])
    try:
        yield adapters
    except DivergedError:
        _take_off(model, adapters, subtract=True)
        raise
    except BaseException:
        _take_off(model, adapters, subtract=False)
        raise
    _take_off(model, adapters, subtract=True)


def _take_off(model: nn.Module, adapters: Mapping[str, BlindAdapter], subtract: bool) -> None:
    for name, adapter in adapters.items():
        layer = model.get_submodule(name)
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
        if subtract:
            weight = layer.get_parameter("weight")
            with torch.no_grad():
                weight.copy_(weight.float() - adapter.difference())


def distillation_gap(teacher: Tensor, student: Tensor) -> Tensor:
    """1 - cos of what a layer and its adapter put out, [...]: 0 in one direction, 2 in opposite ones.

    Args:
        teacher: [..., o] W h.
        student: [..., o] B A P h.
    """
    return 1 - nn.functional.cosine_similarity(teacher, student, dim=-1)


@contextmanager
def distillation_gaps(model: nn.Module, adapters: Mapping[str, BlindAdapter]) -> Iterator[dict[str, Tensor]]:
    """Meanwhile every forward pass leaves the gap of every adapter behind, [b, t] for b rows of t tokens.

    Gradients go to the adapter alone whose gap it is.

    Args:
        model: with the adapters in place.
        adapters: what ``blind_adapters`` made.

    Yields:
        The gaps of the last forward pass by the layers' names.
    """
    gaps: dict[str, Tensor] = {}
    with ExitStack() as stack:
        for name, adapter in adapters.items():

            def leave(
                module: Any, inputs: Any, output: Tensor, name: str = name, adapter: Any = adapter
            ) -> None:
                student = nn.functional.linear(inputs[0].detach(), adapter.difference().to(output))
                bias = 0 if module.bias is None else module.bias
                teacher = (output - student - bias).detach()
                gaps[name] = distillation_gap(teacher.float(), student.float())

            stack.callback(model.get_submodule(name).register_forward_hook(leave).remove)
        yield gaps
