"""Names of the parts of a vision-language model: vision tower, projector, language model and its layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from mllmu.errors import UserError

_VISION = ("vision_tower", "visual", "vision_model")
_PROJECTOR = ("multi_modal_projector", "connector", "merger")
_LANGUAGE = ("language_model", "text_model")


@dataclass(frozen=True)
class ModuleMap:
    """Names of a model's submodules, as ``nn.Module.get_submodule`` takes them.

    Attributes:
        vision_tower: the image encoder.
        projector: maps image features to the language model's embeddings; in some families (Qwen-VL) a
            submodule of the vision tower.
        language_model: the decoder without its output layer.
        layers: the decoder layers, first to last.
        linear: every linear layer inside the decoder layers (those that LoRA adapts).
        mlp_outputs: per decoder layer, the linear layer whose inputs are the activations of the MLP neurons.
        vision_mlp_outputs: likewise per layer of the vision tower; empty where none of them has an MLP.
    """

    vision_tower: str
    projector: str
    language_model: str
    layers: tuple[str, ...]
    linear: tuple[str, ...]
    mlp_outputs: tuple[str, ...]
    vision_mlp_outputs: tuple[str, ...]


def module_map(model: nn.Module) -> ModuleMap:
    """Find the parts of a model by the names of its submodules.

    Raises:
        UserError: if the model lacks one of the parts.

    Example:
        ::

            module_map(load_model("tiny", "cpu").model).projector  # 'model.multi_modal_projector'
    """
    modules = dict(model.named_modules())
    vision = _first(modules, _VISION, "vision tower")
    projector = _first(modules, _PROJECTOR, "projector")
    language = _first(modules, _LANGUAGE, "language model")
    stacks = [
        name
        for name, module in modules.items()
        if name.startswith(language + ".") and isinstance(module, nn.ModuleList) and len(module) > 0
    ]
    if not stacks:
        raise UserError(
            f"No decoder layers were found in '{language}' of {type(model).__name__}; expected a ModuleList."
        )
    stack = min(stacks, key=lambda name: name.count("."))
    layers = tuple(f"{stack}.{index}" for index in range(len(modules[stack])))  # type: ignore[arg-type]
    linear = tuple(
        name
        for name, module in modules.items()
        if name.startswith(stack + ".") and isinstance(module, nn.Linear)
    )
    outputs = tuple(_mlp_output(layer, modules) for layer in layers)
    vision_outputs = _vision_mlp_outputs(vision, modules)
    return ModuleMap(vision, projector, language, layers, linear, outputs, vision_outputs)


def layer_of_every_input(model: nn.Module, number: int) -> int:
    """The decoder layer nearest to one, itself included, that every input goes through; of two the earlier.

    Texts without a picture pass by the layers in which Mllama looks at pictures.

    Args:
        model: an image-text-to-text model.
        number: of a decoder layer, from 0.
    """
    apart = cross_attention_layers(model)
    layers = [layer for layer in range(len(module_map(model).layers)) if layer not in apart]
    return min(layers, key=lambda layer: abs(layer - number))


def cross_attention_layers(model: Any) -> frozenset[int]:
    """Numbers of the decoder layers that do nothing but look at pictures."""
    return frozenset(getattr(model.config.get_text_config(), "cross_attention_layers", ()))


def _first(modules: dict[str, nn.Module], names: tuple[str, ...], part: str) -> str:
    """The least nested module with one of the names; of several, the one whose name comes first in them."""
    matches = [name for name in modules if name.rsplit(".", 1)[-1] in names]
    if not matches:
        raise UserError(f"No {part} was found in the model; expected a module called {' or '.join(names)}.")
    return min(matches, key=lambda name: (name.count("."), names.index(name.rsplit(".", 1)[-1])))


def _mlp_output(layer: str, modules: dict[str, nn.Module]) -> str:
    """The linear layer of a decoder layer's MLP with fewer outputs than inputs, which are the MLP neurons."""
    narrowing = _narrowing(layer, modules)
    if not narrowing:
        raise UserError(f"No MLP output was found in '{layer}'; expected a linear layer that narrows.")
    return max(narrowing, key=narrowing.__getitem__)


def _vision_mlp_outputs(vision: str, modules: dict[str, nn.Module]) -> tuple[str, ...]:
    """The same of each layer of the vision tower that has an MLP; projectors within the tower are none."""
    outputs = []
    for name, module in modules.items():
        is_projector = any(part in name for part in _PROJECTOR)
        if name.startswith(vision + ".") and isinstance(module, nn.ModuleList) and not is_projector:
            narrowing = [_narrowing(f"{name}.{index}", modules) for index in range(len(module))]
            outputs += [max(each, key=each.__getitem__) for each in narrowing if each]
    return tuple(dict.fromkeys(outputs))


def _narrowing(layer: str, modules: dict[str, nn.Module]) -> dict[str, int]:
    """Linear layers with fewer outputs than inputs, by their inputs, but for those of attention."""
    return {
        name: module.in_features
        for name, module in modules.items()
        if name.startswith(layer + ".")
        and isinstance(module, nn.Linear)
        and module.in_features > module.out_features
        and ".self_attn." not in name
    }
