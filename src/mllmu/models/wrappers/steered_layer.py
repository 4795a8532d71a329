"""A direction that is added to the hidden states of one decoder layer, as far as a gate opens.

Legend of shapes: b rows, t tokens, d hidden width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from mllmu.errors import UserError
from mllmu.models.model_parts import module_map
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts


@dataclass(frozen=True)
class SteeredLayer(Wrapper):
    """Adds (gate . h) direction to every hidden state h that a decoder layer puts out.

    Every token is steered by itself, whatever stands beside or comes after it.

    Attributes:
        layer: number of the decoder layer, the first is 0.
        gate: [d].
        direction: [d].
    """

    name = "steered_layer"

    layer: int
    gate: Tensor
    direction: Tensor

    def attach(self, model: Any) -> None:
        """Steer from now on.

        Raises:
            UserError: if the model lacks the layer, or has another width.
        """
        layers, width = module_map(model).layers, model.config.get_text_config().hidden_size
        widths = {len(self.gate), self.direction.shape[-1]}
        if not 0 <= self.layer < len(layers) or widths != {width}:
            raise UserError(
                f"layer {self.layer} of width {len(self.gate)} was to be steered in a model of "
                f"{len(layers)} decoder layers of width {width}; expected one that is there"
            )
        model.get_submodule(layers[self.layer]).register_forward_hook(self._steer)

    def _steer(self, module: Any, inputs: Any, output: Any) -> Any:
        if isinstance(output, tuple):
            return (self.steered(output[0]), *output[1:])
        return self.steered(output)

    def steered(self, states: Tensor) -> Tensor:
        """Hidden states [b, t, d] after steering, in the type they had."""
        opened = states @ self.gate.to(states)
        return states + opened[..., None] * self.direction.to(states)

    def parts(self) -> WrapperParts:
        """See `Wrapper.parts`."""
        return WrapperParts({"layer": self.layer}, {"gate": self.gate, "direction": self.direction})

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> SteeredLayer:
        """See `Wrapper.of_parts`."""
        return cls(int(parts.settings["layer"]), parts.tensors["gate"], parts.tensors["direction"])
