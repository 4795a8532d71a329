"""Mllama in miniature, which has no tokens for what it sees, so that prefixes with images are not shared."""

import transformers
from transformers import MllamaImageProcessorPil

from mllmu.models import LoadedModel
from tests.families.family_parts import TEXT, finished, ids, tokenizer

MLLAMA = """\
{{ bos_token }}
{%- for message in messages -%}
{{ message['role'] + ': ' }}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' %}{{ '<|image|>' }}{% else %}{{ part['text'] }}{% endif -%}
{%- endfor -%}{{ '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ 'assistant:' }}{% endif -%}"""


def mllama() -> LoadedModel:
    """Looks at images from a layer of its own, and has no tokens for what it sees there."""
    tokens = tokenizer(["<|image|>", "<|eot_id|>"], {"image_token": "<|image|>"}, eos="<|eot_id|>")
    text = {**TEXT, "num_hidden_layers": 3, "cross_attention_layers": [1]}
    text["rope_parameters"] = {"rope_type": "default", "rope_theta": 1e4}
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_global_layers": 1,
        "attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
        "vision_output_dim": 64,
        "intermediate_layers_indices": [0],
        "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1]],
        "max_num_tiles": 2,
    }
    config = transformers.MllamaConfig(
        vision_config=vision,
        text_config=transformers.models.mllama.MllamaTextConfig(**text, **ids(tokens)),
        image_token_index=tokens.image_token_id,
    )
    processor = transformers.MllamaProcessor(
        MllamaImageProcessorPil(size={"height": 32, "width": 32}, max_image_tiles=2),
        tokens,
        chat_template=MLLAMA,
    )
    loaded = finished("MllamaForConditionalGeneration", config, processor)
    for name, weight in loaded.model.named_parameters():
        if name.endswith("gate"):
            weight.data.fill_(1.0)  # closed at first, so that images would make no difference
    return loaded
