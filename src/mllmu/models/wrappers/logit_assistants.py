"""Small assistants beside a model, whose logits are added to the model's.

Legend of shapes: m tokens, d hidden width, v vocabulary; leading dimensions are written ``...``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mllmu.models.model_parts import module_map
from mllmu.models.wrappers.decoder_stack import DecoderStack, decoder_of, embedded, with_cache
from mllmu.models.wrappers.wrapper import Wrapper, WrapperParts


def combined_logits(
    own: Tensor, others: Sequence[Tensor], weights: Sequence[float], floor: float | None
) -> Tensor:
    """z0 + sum of w_i (z_i - mean of z_i), at those tokens that the model itself finds likely enough.

    An assistant that is uniform adds nothing. Where the floor is None, all tokens count; taking off the mean
    then changes no probability.

    Args:
        own: [..., v] the model's logits.
        others: [..., v] of each assistant.
        weights: of each assistant.
        floor: assistants are heard at tokens whose log-probability under the model alone is at most this
            much below that of the likeliest; negative.
    """
    added = sum(
        weight * (other - other.mean(-1, keepdim=True)) for weight, other in zip(weights, others, strict=True)
    )
    if floor is None:
        return own + added
    return torch.where(own >= own.amax(-1, keepdim=True) + floor, own + added, own)


class LogitAssistants(Wrapper):
    """Adds the weighted logits of assistants, which read what the model reads.

    An assistant is a `DecoderStack` with the model's own output layer. It runs beside the decoder in every
    forward pass, however the pass comes about; the hidden states of both go through the output layer side by
    side.

    Args:
        layers: how many layers of the decoder an assistant has.
        weights: one for each assistant.
        floor: see `combined_logits`.
        stored: for each assistant its weights; None for copies of the model's.
    """

    name = "logit_assistants"

    def __init__(
        self,
        layers: int,
        weights: Sequence[float],
        floor: float | None = None,
        stored: Sequence[dict[str, Tensor]] | None = None,
    ) -> None:
        self.layers = layers
        self.cache_layers = layers * len(weights)
        self.weights = tuple(weights)
        self.floor = floor
        self.stacks: Any = nn.ModuleList()
        self._stored = stored
        self._states: tuple[Tensor, ...] = ()
        self._hooks: list[Any] = []
        self._is_alone = False

    def attach(self, model: Any) -> None:
        """Make the assistants, and let them take part from now on."""
        device, depth = model.get_input_embeddings().weight.device, len(module_map(model).layers)
        for number in range(len(self.weights)):
            stack = DecoderStack(model, self.layers, depth + number * self.layers)
            if self._stored is not None:
                stack.decoder.load_state_dict(self._stored[number])
            self.stacks.append(stack.to(device).eval().requires_grad_(False))
        head = model.get_output_embeddings()
        decoder = decoder_of(model)
        self._hooks = [
            decoder.register_forward_pre_hook(self._read, with_kwargs=True),
            decoder.register_forward_hook(self._side_by_side),
            head.register_forward_pre_hook(self._apart),
            head.register_forward_hook(self._combine),
        ]

    def detach(self) -> None:
        """Take part no longer; the model is what it was."""
        for hook in self._hooks:
            hook.remove()

    @staticmethod
    def stand_around(model: Any) -> bool:
        """Whether there are assistants of a model, whoever holds it."""
        hooks = decoder_of(model)._forward_pre_hooks.values()
        return any(isinstance(getattr(hook, "__self__", None), LogitAssistants) for hook in hooks)

    @contextmanager
    def heard(self, alone: bool) -> Iterator[None]:
        """While it lasts, logits are those of the first assistant alone, or of all together."""
        before, self._is_alone = self._is_alone, alone
        try:
            yield
        finally:
            self._is_alone = before

    def _read(self, module: Any, inputs: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        named = embedded(module, with_cache(module, named))
        # Before the decoder, which makes the cache longer.
        self._states = tuple(stack(*inputs, **named) for stack in self.stacks)
        return inputs, named

    def _side_by_side(self, module: Any, inputs: Any, output: Any) -> Any:
        output.last_hidden_state = torch.cat([output.last_hidden_state, *self._states], dim=-1)
        self._states = ()
        return output

    def _apart(self, module: Any, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        own, *states = inputs[0].chunk(1 + len(self.stacks), dim=-1)
        self._states = tuple(states)
        return (own, *inputs[1:])

    def _combine(self, module: Any, inputs: Any, output: Tensor) -> Tensor:
        # Not by a call, which would bring the states of assistants here again.
        others = [module.forward(states) for states in self._states]
        self._states = ()
        return others[0] if self._is_alone else combined_logits(output, others, self.weights, self.floor)

    def linear_weights(self) -> list[Tensor]:
        """See `Wrapper.linear_weights`."""
        return [layer.weight for layer in self.stacks.modules() if isinstance(layer, nn.Linear)]

    def parts(self) -> WrapperParts:
        """See `Wrapper.parts`."""
        settings = {"layers": self.layers, "weights": list(self.weights), "floor": self.floor}
        tensors: dict[str, Tensor] = {}
        for number, stack in enumerate(self.stacks):
            tensors |= {f"{number}.{name}": tensor for name, tensor in stack.tensors().items()}
        return WrapperParts(settings, tensors)

    @classmethod
    def of_parts(cls, parts: WrapperParts) -> LogitAssistants:
        """See `Wrapper.of_parts`."""
        settings = parts.settings
        stored: list[dict[str, Tensor]] = [{} for _ in settings["weights"]]
        for key, tensor in parts.tensors.items():
            number, name = key.split(".", 1)
            stored[int(number)][name] = tensor
        return cls(settings["layers"], settings["weights"], settings["floor"], stored)
