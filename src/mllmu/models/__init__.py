"""What is asked: loading and saving models, prompts, and their tensors."""

from mllmu.models.chat import Prompt, chat_prompt
from mllmu.models.encoding import Encoded, Encoder, collate
from mllmu.models.loading import (
    BUILT_IN,
    LoadedModel,
    load_model,
    pick_device,
    save_model,
    weights_fingerprint,
    wrap_model,
)
from mllmu.models.module_map import ModuleMap, module_map

__all__ = [
    "BUILT_IN",
    "Encoded",
    "Encoder",
    "LoadedModel",
    "ModuleMap",
    "Prompt",
    "chat_prompt",
    "collate",
    "load_model",
    "module_map",
    "pick_device",
    "save_model",
    "weights_fingerprint",
    "wrap_model",
]
