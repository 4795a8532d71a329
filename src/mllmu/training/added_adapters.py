"""Lets a model remember which adapter a training merges into it, so that it can be stored beside its base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from mllmu.models import LoadedModel, weights_fingerprint
from mllmu.models.storage.model_origin import AddedAdapter
from mllmu.training.settings import OptimizationSettings
from mllmu.training.trainability import learned_modules, lora_config

_PREFIX = "base_model.model."  # before every name that PEFT writes


@contextmanager
def adapter_noted(loaded: LoadedModel, settings: OptimizationSettings) -> Iterator[Callable[[Any], None]]:
    """Note in a model's origin the adapter that is trained and merged meanwhile; enter it before `trainable`.

    Args:
        loaded: what is trained; nothing is noted if it has no origin.
        settings: how it is trained; nothing is noted without adapters.

    Yields:
        What to call with the module that learned, when its training is done and adapters are not merged yet.
    """
    lora: dict[str, Tensor] = {}
    if loaded.origin is None or settings.lora is None:
        yield lambda learner: None
        return
    before = weights_fingerprint(loaded.model)
    yield lambda learner: lora.update(_lora_weights(learner))
    if not lora:  # other adapters than these learned, or nothing did
        return
    modules = learned_modules(loaded.model, settings)
    config = lora_config(loaded.model, settings.lora)
    config.inference_mode, config.modules_to_save = True, modules or None
    whole = {
        f"{_PREFIX}{module}.{name}": _copied(tensor)
        for module in modules
        for name, tensor in loaded.model.get_submodule(module).state_dict().items()
    }
    settings_of_peft = {
        name: sorted(value) if isinstance(value, set) else value for name, value in config.to_dict().items()
    }
    loaded.origin.added = AddedAdapter(
        settings_of_peft, {**lora, **whole}, before, weights_fingerprint(loaded.model)
    )


def _lora_weights(learner: Any) -> dict[str, Tensor]:
    from peft import PeftModel, get_peft_model_state_dict

    if not isinstance(learner, PeftModel):
        return {}
    state: dict[str, Tensor] = get_peft_model_state_dict(learner, save_embedding_layers=False)
    return {name: _copied(tensor) for name, tensor in state.items()}


def _copied(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone()
