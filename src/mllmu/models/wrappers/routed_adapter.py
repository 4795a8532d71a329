"""An adapter that is switched on for questions about some people alone.

Legend of shapes: r rank, i inputs and o outputs of a linear layer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.models.inputs.encoding import Encoder
from mllmu.models.model_parts import module_map
from mllmu.models.prompts.conversations import Conversation, Prompt
from mllmu.models.wrappers.recogniser import Recogniser
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts


class RoutedAdapter(Wrapper):
    """Adds scale B A x to the outputs of linear layers, for prompts in which people are recognised.

    Args:
        recogniser: recognises them.
        targets: full names of the linear layers.
        down: of each layer A [r, i].
        up: of each layer B [o, r].
        scale: of what is added.
        dropout: share of the inputs that are left out while the adapter is trained.
    """

    name = "routed_adapter"

    def __init__(
        self,
        recogniser: Recogniser,
        targets: Sequence[str],
        down: Sequence[Tensor],
        up: Sequence[Tensor],
        scale: float,
        dropout: float = 0.0,
    ) -> None:
        self.recogniser = recogniser
        self.targets = tuple(targets)
        self.scale = scale
        self.weights: Any = nn.ModuleDict({"down": nn.ParameterList(down), "up": nn.ParameterList(up)})
        self.weights.requires_grad_(False).eval()
        self._dropout = dropout
        self._is_on = False

    @classmethod
    def fresh(
        cls,
        recogniser: Recogniser,
        model: Any,
        rank: int,
        alpha: float,
        dropout: float,
        seed: int,
    ) -> RoutedAdapter:
        """An adapter on the decoder's linear layers that adds nothing yet.

        A is drawn as torch draws the weights of a linear layer; B is zero.

        Args:
            recogniser: recognises people.
            model: the model.
            rank: of the adapter.
            alpha: its scale, times its rank.
            dropout: while it is trained.
            seed: draws A.
        """
        generator = torch.Generator().manual_seed(seed)
        targets, down, up = module_map(model).linear, [], []
        for target in targets:
            outputs, inputs = model.get_submodule(target).weight.shape
            drawn = nn.init.kaiming_uniform_(torch.empty(rank, inputs), a=math.sqrt(5), generator=generator)
            down.append(drawn)
            up.append(torch.zeros(outputs, rank))
        return cls(recogniser, targets, down, up, alpha / rank, dropout)

    def switches(
        self, model: Any, encoder: Encoder, prompts: Sequence[Conversation | Prompt]
    ) -> Sequence[bool]:
        """Wherever one of the people is recognised."""
        return self.recogniser.recognises(model, encoder, prompts)

    def switched_on(self) -> AbstractContextManager[None]:
        """See `Wrapper.switched_on`."""
        return self.switched(True)

    @contextmanager
    def switched(self, on: bool) -> Iterator[None]:
        """While it lasts, the adapter is on for every prompt, or for none but those it is switched on for."""
        before, self._is_on = self._is_on, on
        try:
            yield
        finally:
            self._is_on = before

    def attach(self, model: Any) -> None:
        """Be there to be switched on."""
        self.weights.to(model.get_input_embeddings().weight.device)
        for target, down, up in zip(self.targets, self.weights["down"], self.weights["up"], strict=True):
            layer = model.get_submodule(target)
            if (down.shape[1], up.shape[0]) != (layer.in_features, layer.out_features):
                raise ValueError(f"{target} has other widths than its adapter")
            layer.register_forward_hook(self._adding(down, up))

    def _adding(self, down: Tensor, up: Tensor) -> Any:
        def add(module: Any, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            if not self._is_on:
                return output
            given = nn.functional.dropout(inputs[0], self._dropout, self.weights.training)
            return output + self.scale * (given @ down.to(given).T @ up.to(given).T)

        return add

    def linear_weights(self) -> list[Tensor]:
        """See `Wrapper.linear_weights`."""
        return list(self.weights.parameters())

    def parts(self) -> WrapperParts:
        """See `Wrapper.parts`."""
        own = self.recogniser.parts()
        settings = {"targets": list(self.targets), "scale": self.scale, **own.settings}
        return WrapperParts(settings, {**self.weights.state_dict(), **own.tensors})

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> RoutedAdapter:
        """See `Wrapper.of_parts`."""
        targets, tensors = parts.settings["targets"], parts.tensors
        down, up = ([tensors[f"{side}.{n}"] for n in range(len(targets))] for side in ("down", "up"))
        return cls(Recogniser.of_parts(parts), targets, down, up, float(parts.settings["scale"]))
