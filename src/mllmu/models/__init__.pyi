from .inputs.encoding import Encoded as Encoded
from .inputs.encoding import Encoder as Encoder
from .inputs.encoding import Layout as Layout
from .inputs.encoding import collate as collate
from .inputs.encoding import joined_vision as joined_vision
from .inputs.image_preprocessing import Picture as Picture
from .model_parts import ModuleMap as ModuleMap
from .model_parts import module_map as module_map
from .prompts.chat import chat_prompt as chat_prompt
from .prompts.chat import render as render
from .prompts.conversations import Conversation as Conversation
from .prompts.conversations import Message as Message
from .prompts.conversations import Prompt as Prompt
from .prompts.conversations import user_turn as user_turn
from .storage.adapter_saving import store_model as store_model
from .storage.built_in_models import BUILT_IN_MODELS as BUILT_IN_MODELS
from .storage.built_in_models import BuiltInModel as BuiltInModel
from .storage.built_in_models import built_in_model as built_in_model
from .storage.model_fingerprints import processor_fingerprint as processor_fingerprint
from .storage.model_fingerprints import weights_fingerprint as weights_fingerprint
from .storage.model_loading import LoadedModel as LoadedModel
from .storage.model_loading import device_of as device_of
from .storage.model_loading import load_model as load_model
from .storage.model_loading import pick_device as pick_device
from .storage.model_loading import usual_dtype as usual_dtype
from .storage.model_loading import wrap_model as wrap_model
from .storage.model_saving import save_model as save_model
from .storage.model_source import model_location as model_location

__all__ = [
    "BUILT_IN_MODELS",
    "BuiltInModel",
    "Conversation",
    "Encoded",
    "Encoder",
    "Layout",
    "LoadedModel",
    "Message",
    "ModuleMap",
    "Picture",
    "Prompt",
    "built_in_model",
    "chat_prompt",
    "collate",
    "device_of",
    "joined_vision",
    "load_model",
    "model_location",
    "module_map",
    "pick_device",
    "processor_fingerprint",
    "render",
    "save_model",
    "store_model",
    "user_turn",
    "usual_dtype",
    "weights_fingerprint",
    "wrap_model",
]
