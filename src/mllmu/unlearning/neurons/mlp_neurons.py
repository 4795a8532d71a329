"""The neurons of a model's MLPs: intermediate units, each with rows of weights before and a column after.

Legend of shapes: n neurons of an MLP, d width of the layer around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.errors import UserError
from mllmu.models import module_map


@dataclass(frozen=True)
class Mlp:
    """The linear layers of one MLP.

    Attributes:
        inputs: names of the layers whose outputs are or gate its neurons (up and gate projection, fc1); a
            layer that holds several of them, one after another, has as many times n outputs.
        output: name of the layer that reads its neurons (down projection, fc2).
        neurons: n, how many it has.
    """

    inputs: tuple[str, ...]
    output: str
    neurons: int

    def rows(self, model: nn.Module, neurons: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Names of the parameters before the neurons, and which of their rows belong to some neurons.

        Args:
            model: the model.
            neurons: int64, which neurons.
        """
        for name in self.inputs:
            layer = model.get_submodule(name)
            starts = range(0, layer.out_features, self.neurons)  # type: ignore[arg-type]
            rows = torch.cat([neurons + start for start in starts])
            for kind, _ in layer.named_parameters(recurse=False):
                yield f"{name}.{kind}", rows

    def row_masks(self, model: nn.Module, neurons: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Names of the weights before the neurons, without biases, and masks that are true at some rows.

        Arguments as of `rows`.
        """
        for name, rows in self.rows(model, neurons):
            if name.endswith(".weight"):
                mask = torch.zeros_like(model.get_parameter(name), dtype=torch.bool)
                mask[rows] = True
                yield name, mask

    def parameters(self, model: nn.Module) -> Iterator[str]:
        """Names of the parameters before and after the neurons; the bias after them belongs to none."""
        yield from (name for name, _ in self.rows(model, torch.arange(0)))
        yield f"{self.output}.weight"


def language_mlps(model: nn.Module) -> list[Mlp]:
    """The MLPs of a model's decoder, first layer first.

    Raises:
        UserError: if a layer has none.
    """
    return [_mlp(model, output) for output in module_map(model).mlp_outputs]


def vision_mlps(model: nn.Module) -> list[Mlp]:
    """The MLPs of a model's vision tower, first layer first, as far as the model reads what they put out.

    LLaVA reads the tower before its last layer, whose neurons have no part in any answer.

    Raises:
        UserError: if it has none.
    """
    parts = module_map(model)
    if not parts.vision_mlp_outputs:
        raise UserError(f"No MLP was found in '{parts.vision_tower}'; expected layers with one.")
    mlps = [_mlp(model, output) for output in parts.vision_mlp_outputs]
    return mlps[: _layers_read(model, len(mlps))]


def _layers_read(model: Any, layers: int) -> int:
    """How many layers of its vision tower a model reads; all where its configuration names none."""
    chosen = getattr(model.config, "vision_feature_layer", None)
    if chosen is None:
        return layers
    # Numbers count hidden states, of which there is one before the first layer.
    numbers = [chosen] if isinstance(chosen, int) else chosen
    return max(number if number >= 0 else layers + 1 + number for number in numbers)


@torch.no_grad()
def silence(model: nn.Module, mlp: Mlp, neurons: Tensor) -> None:
    """Zero the rows before some neurons, and the columns after them.

    Args:
        model: what to change.
        mlp: whose neurons.
        neurons: int64, which of them.
    """
    for name, rows in mlp.rows(model, neurons):
        model.get_parameter(name)[rows] = 0
    model.get_parameter(f"{mlp.output}.weight")[:, neurons] = 0


def most_important(scores: Sequence[Tensor], share: float) -> list[Tensor]:
    """The neurons with the highest scores of all layers together, [chosen] per layer.

    Args:
        scores: per layer [n].
        share: how many of all neurons, above 0; rounded to whole neurons.

    Raises:
        UserError: if the share is less than half a neuron.
    """
    joined = torch.cat(list(scores))
    count = round(share * len(joined))
    if count == 0:
        raise UserError(f"a share of {share:g} of {len(joined)} neurons is none; expected a larger share")
    chosen = torch.zeros(len(joined), dtype=torch.bool)
    chosen[joined.argsort(descending=True, stable=True)[:count]] = True
    return [each.nonzero().flatten() for each in chosen.split([len(layer) for layer in scores])]


def _mlp(model: nn.Module, output: str) -> Mlp:
    down = model.get_submodule(output)
    parent = output.rpartition(".")[0]
    inputs = tuple(
        f"{parent}.{name}"
        for name, child in model.get_submodule(parent).named_children()
        if isinstance(child, nn.Linear)
        and f"{parent}.{name}" != output
        and child.in_features == down.out_features
        and child.out_features % down.in_features == 0  # type: ignore[operator]
    )
    if not inputs:
        raise UserError(
            f"No layer was found that feeds the neurons of '{output}'; expected a linear layer beside it "
            f"with {down.in_features} outputs."
        )
    return Mlp(inputs, output, down.in_features)  # type: ignore[arg-type]
