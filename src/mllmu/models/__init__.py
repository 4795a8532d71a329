"""What is asked: loading and saving models, prompts, and their tensors."""

from mllmu.models.chat import Conversation, Message, Prompt, chat_prompt, render, user_turn
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
    "Conversation",
    "Encoded",
    "Encoder",
    "LoadedModel",
    "Message",
    "ModuleMap",
    "Prompt",
    "chat_prompt",
    "collate",
    "load_model",
    "module_map",
    "pick_device",
    "render",
    "save_model",
    "user_turn",
    "weights_fingerprint",
    "wrap_model",
]
