"""The built-in model's architecture: the LLaVA of transformers with small layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from mllmu.models.tiny.processor import IMAGE_SIZE, PATCH_SIZE


@dataclass(frozen=True)
class TinySize:
    """Sizes of the language model and of the vision tower.

    Attributes:
        hidden: hidden size of the language model.
        layers: decoder layers.
        heads: attention heads per decoder layer.
        mlp: MLP neurons per decoder layer.
        vision_hidden: hidden size of the vision tower.
        vision_layers: layers of the vision tower.
        vision_heads: attention heads per layer of the vision tower.
        vision_mlp: MLP neurons per layer of the vision tower.
    """

    hidden: int = 256
    layers: int = 4
    heads: int = 4
    mlp: int = 768
    vision_hidden: int = 160
    vision_layers: int = 4
    vision_heads: int = 4
    vision_mlp: int = 480


def build_model(tokenizer: Any, size: TinySize, seed: int) -> Any:
    """A ``LlavaForConditionalGeneration`` with random float32 weights, in evaluation mode.

    Args:
        tokenizer: its vocabulary size and special tokens become the model's.
        size: sizes of the language model and of the vision tower.
        seed: seed of the initial weights; torch's global random state is restored afterwards.
    """
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    vision = CLIPVisionConfig(
        hidden_size=size.vision_hidden,
        intermediate_size=size.vision_mlp,
        num_hidden_layers=size.vision_layers,
        num_attention_heads=size.vision_heads,
        image_size=IMAGE_SIZE,
        patch_size=PATCH_SIZE,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        intermediate_size=size.mlp,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=(IMAGE_SIZE // PATCH_SIZE) ** 2,
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlavaForConditionalGeneration(config).eval()
