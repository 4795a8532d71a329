"""One function per family: a configuration in miniature, with its processor."""

from collections.abc import Callable
from typing import Any

import transformers
from transformers import (
    CLIPImageProcessorPil,
    Gemma3ImageProcessorPil,
    GotOcr2ImageProcessorPil,
    Idefics2ImageProcessorPil,
    Idefics3ImageProcessorPil,
    LlavaNextImageProcessorPil,
    Qwen2VLImageProcessorPil,
)

from mllmu.models import LoadedModel
from tests.families.family_parts import TEXT, VISION, finished, ids, tokenizer, without_videos
from tests.families.family_templates import CHAT_ML, GEMMA, IDEFICS, USER_COLON

Family = Callable[[], LoadedModel]


def llava() -> LoadedModel:
    tokens = tokenizer(["<image>"], {"image_token": "<image>"})
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION, image_size=32, patch_size=16),
        text_config=transformers.LlamaConfig(**TEXT, **ids(tokens)),
        image_token_index=tokens.image_token_id,
        vision_feature_layer=-2,
    )
    processor = transformers.LlavaProcessor(
        CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        tokens,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=USER_COLON,
    )
    return finished("LlavaForConditionalGeneration", config, processor)


def llava_next() -> LoadedModel:
    tokens = tokenizer(["<image>"], {"image_token": "<image>"})
    pinpoints = [[32, 64], [64, 32], [64, 64]]
    config = transformers.LlavaNextConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION, image_size=32, patch_size=16),
        text_config=transformers.MistralConfig(**TEXT, **ids(tokens), sliding_window=None),
        image_token_index=tokens.image_token_id,
        image_grid_pinpoints=pinpoints,
    )
    processor = transformers.LlavaNextProcessor(
        LlavaNextImageProcessorPil(
            size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, image_grid_pinpoints=pinpoints
        ),
        tokens,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=USER_COLON,
    )
    return finished("LlavaNextForConditionalGeneration", config, processor)


def idefics2() -> LoadedModel:
    """Its language model sees no further back than a window."""
    tokens = tokenizer(["<fake_token_around_image>", "<image>", "<end_of_utterance>"], {})
    text = transformers.MistralConfig(**TEXT, **ids(tokens), sliding_window=24)
    config = transformers.Idefics2Config(
        vision_config={**VISION, "image_size": 32, "patch_size": 8},
        perceiver_config={
            "hidden_size": 64,
            "resampler_n_latents": 3,
            "resampler_depth": 1,
            "resampler_n_heads": 2,
            "resampler_head_dim": 16,
            "num_key_value_heads": 1,
        },
        text_config=text,
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
    )
    processor = transformers.Idefics2Processor(
        Idefics2ImageProcessorPil(size={"shortest_edge": 16, "longest_edge": 32}, do_image_splitting=False),
        tokens,
        image_seq_len=3,
        chat_template=IDEFICS,
    )
    return finished("Idefics2ForConditionalGeneration", config, processor)


def idefics3() -> LoadedModel:
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    marks = ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>"]
    tokens = tokenizer([*marks, *tiles], {})
    config = transformers.Idefics3Config(
        vision_config={**VISION, "image_size": 16, "patch_size": 4},
        text_config=transformers.LlamaConfig(**TEXT, **ids(tokens)),
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )
    processor = transformers.Idefics3Processor(
        Idefics3ImageProcessorPil(size={"longest_edge": 32}, max_image_size={"longest_edge": 16}),
        tokens,
        image_seq_len=4,
        chat_template=IDEFICS,
    )
    return finished("Idefics3ForConditionalGeneration", config, processor)


def gemma3() -> LoadedModel:
    """Features of an image see one another; every other layer sees no further back than a window."""
    marks = ["<start_of_image>", "<end_of_image>", "<image_soft_token>", "<start_of_turn>", "<end_of_turn>"]
    names = {"boi_token": marks[0], "eoi_token": marks[1], "image_token": marks[2]}
    tokens = tokenizer(marks, names, eos="<end_of_turn>")
    text = {**TEXT, "head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 16}
    config = transformers.Gemma3Config(
        vision_config=transformers.SiglipVisionConfig(**VISION, image_size=32, patch_size=8),
        text_config=transformers.Gemma3TextConfig(
            **text, **ids(tokens), layer_types=["sliding_attention", "full_attention"]
        ),
        mm_tokens_per_image=4,
        tie_word_embeddings=False,
        boi_token_index=tokens.boi_token_id,
        eoi_token_index=tokens.eoi_token_id,
        image_token_index=tokens.image_token_id,
    )
    processor = transformers.Gemma3Processor(
        Gemma3ImageProcessorPil(size={"height": 32, "width": 32}),
        tokens,
        image_seq_length=4,
        chat_template=GEMMA,
    )
    return finished("Gemma3ForConditionalGeneration", config, processor)


def _qwen(version: str, vision: dict[str, Any]) -> LoadedModel:
    marks = [
        "<|im_start|>",
        "<|im_end|>",
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
        "<|video_pad|>",
    ]
    names = {"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"}
    tokens = tokenizer(marks, names, begin=False, eos="<|im_end|>")
    text = {
        **TEXT,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
    }
    text |= ids(tokens)
    config = getattr(transformers, f"{version}Config")(
        vision_config={"patch_size": 8, "spatial_merge_size": 2, "temporal_patch_size": 2, **vision},
        text_config=text,
        image_token_id=tokens.image_token_id,
        video_token_id=tokens.video_token_id,
        vision_start_token_id=tokens.convert_tokens_to_ids("<|vision_start|>"),
        vision_end_token_id=tokens.convert_tokens_to_ids("<|vision_end|>"),
    )
    processor = without_videos(getattr(transformers, f"{version}Processor"))(
        Qwen2VLImageProcessorPil(
            size={"shortest_edge": 16 * 16, "longest_edge": 48 * 48}, patch_size=8, merge_size=2
        ),
        tokens,
        None,
        chat_template=CHAT_ML.replace("PICTURE", "<|vision_start|><|image_pad|><|vision_end|>"),
    )
    return finished(f"{version}ForConditionalGeneration", config, processor)


def qwen2_vl() -> LoadedModel:
    """Places the features of an image in two dimensions."""
    return _qwen("Qwen2VL", {"depth": 2, "embed_dim": 32, "hidden_size": 64, "num_heads": 2})


def qwen2_5_vl() -> LoadedModel:
    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 64, "num_heads": 2, "intermediate_size": 64}
    return _qwen("Qwen2_5_VL", {**vision, "window_size": 32, "fullatt_block_indexes": [1]})


def internvl() -> LoadedModel:
    marks = ["<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>"]
    names = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokens = tokenizer(marks, names, begin=False, eos="<|im_end|>")
    config = transformers.InternVLConfig(
        vision_config={**VISION, "image_size": [32, 32], "patch_size": [8, 8]},
        text_config=transformers.Qwen2Config(**TEXT, **ids(tokens)),
        image_token_id=tokens.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
        tie_word_embeddings=False,
    )
    processor = without_videos(transformers.InternVLProcessor)(
        GotOcr2ImageProcessorPil(size={"height": 32, "width": 32}, max_patches=4),
        tokens,
        None,
        image_seq_length=4,
        chat_template=CHAT_ML.replace("PICTURE", "<IMG_CONTEXT>\\n"),
    )
    return finished("InternVLForConditionalGeneration", config, processor)


FAMILIES: dict[str, Family] = {
    function.__name__: function
    for function in (llava, llava_next, idefics2, idefics3, gemma3, qwen2_vl, qwen2_5_vl, internvl)
}


def build_family(name: str) -> LoadedModel:
    """A small random model of a family; its answers are noise, but depend on everything it is given."""
    return FAMILIES[name]()
