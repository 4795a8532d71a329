"""LLaVA-1.5's architecture in any size, with 576 tokens an image and random weights; what memory it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from mllmu.models import LoadedModel, load_model, wrap_model

VOCABULARY = 32064
PIXELS, PATCH = 336, 14


@dataclass(frozen=True)
class Size:
    """How large a model is; what is left out is the 7B model's.

    Attributes:
        layers: of the decoder.
        hidden: width of the decoder, a multiple of `head`.
        head: width of an attention head of the decoder.
        vision_layers: of the vision tower.
        vision_hidden: width of the vision tower, a multiple of 64.
        dtype: of the weights.
    """

    layers: int = 32
    hidden: int = 4096
    head: int = 128
    vision_layers: int = 24
    vision_hidden: int = 1024
    dtype: torch.dtype = torch.bfloat16


def llava(size: Size, device: torch.device) -> LoadedModel:
    """A model with random weights and the built-in tokenizer."""
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tiny = load_model("tiny", "cpu").processor
    tokenizer = tiny.tokenizer
    vision = CLIPVisionConfig(
        hidden_size=size.vision_hidden,
        intermediate_size=4 * size.vision_hidden,
        num_hidden_layers=size.vision_layers,
        num_attention_heads=size.vision_hidden // 64,
        image_size=PIXELS,
        patch_size=PATCH,
        projection_dim=768,
    )
    text = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=size.hidden,
        intermediate_size=size.hidden * 11008 // 4096,
        num_hidden_layers=size.layers,
        num_attention_heads=size.hidden // size.head,
        max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=(PIXELS // PATCH) ** 2,
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
    )
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(size.dtype)
    try:
        with device:
            model: Any = LlavaForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(before)
    images = CLIPImageProcessorPil(
        size={"shortest_edge": PIXELS}, crop_size={"height": PIXELS, "width": PIXELS}
    )
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=tiny.chat_template,
    )
    return wrap_model(model, processor, "LLaVA-1.5 with random weights")


def forget_peak() -> None:
    """Measure the GPU's memory from here on."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def gpu_peak() -> float:
    """Most memory of the GPU that was in use since then, in GB."""
    return torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0
