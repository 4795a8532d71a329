"""How much memory a training takes, told from the shapes of a model that need not be loaded.

Weights, gradients and the optimizer's state are counted. What layers keep for their gradients is estimated
as the inputs and outputs of their linear layers and norms, which for GPT's layers is 32 of the 34 bytes per
token and unit of width that arXiv 2205.05198 (eq. 2) counts beside the matrix of attention; fused kernels do
not keep that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from mllmu.models import ModuleMap, module_map, usual_dtype
from mllmu.training.precision import uses_bfloat16
from mllmu.training.settings import OptimizationSettings
from mllmu.training.trainability import learned_parameters

_FLOAT32 = 4
_OPTIMIZER_BYTES = {"adamw_torch_fused": 8, "adamw_torch": 8, "muon": 8, "adafactor": 0, "sgd": 0}
"""Per trained weight: two moments in float32; Adafactor's are a row and a column, and muon's at most two."""
_ROUNDED_BYTES = {"4bit": 0.5 + _FLOAT32 / 64, "8bit": 1.0}
"""Per frozen weight of 4 bits a float32 maximum for each 64 of them (arXiv 2305.14314, section 3)."""
_OF_LOGITS = 4
"""Float32 arrays over the vocabulary: logits, their log-probabilities, and the gradients of both."""


@dataclass(frozen=True)
class QuestionSize:
    """How many tokens one question with its answer takes, at most, and how much its portrait.

    Attributes:
        picture: those that stand for the portrait.
        text: all others.
        answer: of the text, those of the answer.
        pixels: bytes of the preprocessed portrait.
    """

    picture: int
    text: int
    answer: int
    pixels: int = 0


@dataclass(frozen=True)
class MemoryNeed:
    """What a stage holds at its peak, in bytes on its device.

    Attributes:
        weights: of the model, and of adapters; and what else is held of either.
        gradients: of what learns.
        optimizer: what the optimizer remembers.
        activations: what a forward pass keeps for the backward pass.
        loading: the weights as they are loaded, where that is all that is held.
        beside: what lies in the computer's memory meanwhile, whatever the device: whole weights, stored
            predictions of the frozen model, and preprocessed portraits.
    """

    weights: float
    gradients: float = 0.0
    optimizer: float = 0.0
    activations: float = 0.0
    loading: float = 0.0
    beside: float = 0.0

    @property
    def total(self) -> float:
        """The peak, without what lies beside."""
        return max(self.weights + self.gradients + self.optimizer + self.activations, self.loading)


@dataclass(frozen=True)
class HeldWeights:
    """What a way of changing a model holds beside it and its training, in numbers of weights.

    Attributes:
        learned: weights that learn, where these are others than the settings name.
        per_learned: float32 numbers kept for each weight that learns: copies, saliencies, masks.
        beside: further float32 numbers.
        cast: weights that are float32 meanwhile, though adapters learn in their place.
    """

    learned: int | None = None
    per_learned: float = 0.0
    beside: float = 0.0
    cast: int = 0


def loaded_need(model: nn.Module, dtype: torch.dtype) -> MemoryNeed:
    """A model loaded in a number format, which is the least that anything needs that is done with it."""
    return MemoryNeed(weights=_count(model) * dtype.itemsize)


def training_need(
    model: nn.Module,
    settings: OptimizationSettings,
    question: QuestionSize,
    device: torch.device,
    halves: int = 1,
    held: HeldWeights | None = None,
) -> MemoryNeed:
    """What a training holds at its peak.

    Args:
        model: the model; its weights may be on the meta device.
        settings: how it is trained.
        question: the longest that it learns from.
        device: where it is trained.
        halves: how many batches a step sees at once: forget, retain, ...
        held: what is held besides; nothing by default.
    """
    held = held or HeldWeights()
    parts = module_map(model)
    casts = uses_bfloat16(settings.precision, device)
    stored = usual_dtype(device).itemsize if casts else _FLOAT32
    adapted = {f"{name}.weight" for name in parts.linear} if settings.lora else set()
    whole = learned_parameters(model, settings) - adapted if held.learned is None else frozenset()
    sizes = {name: weight.numel() for name, weight in model.named_parameters()}
    trained = held.learned
    if trained is None:
        trained = sum(sizes[name] for name in whole) + _adapter_weights(model, parts, settings)
    rounded = sum(sizes[name] for name in adapted) if settings.frozen_weights else 0
    frozen = sum(sizes.values()) - sum(sizes[name] for name in whole) - rounded
    return MemoryNeed(
        weights=frozen * stored
        + rounded * _ROUNDED_BYTES.get(settings.frozen_weights or "", 0.0)
        # Casting keeps a second, shorter copy of what learns until the pass is over.
        + trained * (_FLOAT32 + (2 if casts else 0))
        + (trained * held.per_learned + held.beside) * _FLOAT32
        + held.cast * (_FLOAT32 - stored),
        gradients=trained * _FLOAT32,
        optimizer=trained * _OPTIMIZER_BYTES[settings.optimizer],
        activations=halves * _activations(model, parts, settings, question, casts),
        loading=sum(sizes.values()) * usual_dtype(device).itemsize,
        beside=rounded * stored,
    )


def trained_precision(settings: OptimizationSettings, device: torch.device) -> str:
    """In which number format what learns is held and computed with, and what is frozen, in words."""
    computed = "bfloat16" if uses_bfloat16(settings.precision, device) else "float32"
    stored = "bfloat16" if device.type == "cuda" and computed == "bfloat16" else "float32"
    learns = ["adapters" if settings.lora else "all of the decoder"]
    learns += ["projector"] * settings.train_projector + ["vision tower"] * settings.train_vision
    below = f" ({settings.frozen_weights} below adapters)" if settings.frozen_weights else ""
    return f"{' and '.join(learns)} in float32; frozen weights are in {stored}{below}, passes in {computed}"


def _activations(
    model: nn.Module, parts: ModuleMap, settings: OptimizationSettings, question: QuestionSize, casts: bool
) -> float:
    size = 2 if casts else _FLOAT32
    rows = settings.batch_size / settings.questions_per_image
    tokens = rows * (question.picture + settings.questions_per_image * question.text)
    config: Any = model.config
    text = config.get_text_config()
    decoder = [model.get_submodule(name) for name in parts.layers]
    layers = [tokens * _kept_of_a_token(layer, settings, casts) for layer in decoder]
    if settings.gradient_checkpointing:
        held = len(layers) * tokens * text.hidden_size * size + max(layers)
    else:
        held = sum(layers)
    if settings.train_vision:
        pictures = max(1, round(rows)) * question.picture
        held += pictures * sum(_kept(model.get_submodule(parts.vision_tower), size))
    logits = settings.batch_size * question.answer * text.vocab_size * _FLOAT32 * _OF_LOGITS
    return held + logits


def _kept_of_a_token(layer: nn.Module, settings: OptimizationSettings, casts: bool) -> float:
    linear, norms = _kept(layer, 2 if casts else _FLOAT32)
    if settings.lora is None or settings.lora.dropout == 0:
        return linear + norms
    # What dropout left out of an adapter's input, in float32 where nothing is cast.
    return linear + norms + sum(one.in_features for one in _linear(layer)) * (1 if casts else _FLOAT32)


def _kept(module: nn.Module, size: int) -> tuple[float, float]:
    """Bytes that the linear layers of a module keep of one token, and that its norms do."""
    linear = sum(one.in_features + one.out_features for one in _linear(module)) * size
    # Norms compute in float32, and keep their input before and after it is scaled.
    norms = [one for one in module.modules() if type(one).__name__.endswith("Norm")]
    widths = [weight.numel() for norm in norms if (weight := getattr(norm, "weight", None)) is not None]
    return float(linear), float(sum(widths) * 2 * _FLOAT32)


def _linear(module: nn.Module) -> list[nn.Linear]:
    return [one for one in module.modules() if isinstance(one, nn.Linear)]


def _adapter_weights(model: nn.Module, parts: ModuleMap, settings: OptimizationSettings) -> int:
    if settings.lora is None:
        return 0
    return low_rank_weights(model, parts.linear, settings.lora.r)


def low_rank_weights(model: nn.Module, layers: Iterable[str], rank: int) -> int:
    """How many weights low-rank differences of some linear layers have: rank x (inputs + outputs) each."""
    return rank * sum(sum(model.get_parameter(f"{name}.weight").shape) for name in layers)


def _count(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())
