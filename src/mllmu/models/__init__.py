"""What is asked: loading and saving models, prompts, and their tensors."""

from mllmu.models.chat import Conversation, Message, Prompt, chat_prompt, render, user_turn
from mllmu.models.encoding import Encoded, Encoder, Layout, collate, joined_vision
from mllmu.models.model_loading import (
    BUILT_IN,
    LoadedModel,
    load_model,
    pick_device,
    save_model,
    weights_fingerprint,
    wrap_model,
)
from mllmu.models.module_map import ModuleMap, module_map
from mllmu.models.image_preprocessing import Picture
from mllmu.models.processor_fingerprint import processor_fingerprint

__all__ = [
    "BUILT_IN",
    "Conversation",
    "Encoded",
    "Encoder",
    "Layout",
    "LoadedModel",
    "Message",
    "ModuleMap",
    "Picture",
    "Prompt",
    "chat_prompt",
    "collate",
    "joined_vision",
    "load_model",
    "module_map",
    "pick_device",
    "processor_fingerprint",
    "render",
    "save_model",
    "user_turn",
    "weights_fingerprint",
    "wrap_model",
]
