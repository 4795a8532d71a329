"""The official evaluation's questions on LLaVA-1.5-7B's architecture: one at a time against the engine.

    python benchmarks/engine_llava_7b.py

Needs a GPU of about 40 GB and no download: the geometry is that of the published configuration, the weights
are random, the words are the built-in tokenizer's. How long a model takes does not depend on what it knows.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any

import torch
import typer
from rich.console import Console

from engine_common import (
    Question,
    ask_engine,
    ask_one_by_one,
    comparison,
    fresh,
    never_writing,
    official_questions,
    sample,
    tokens_line,
)
from mllmu.cli.console import prepare_libraries
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel, load_model, wrap_model
from mllmu.synthesis import synthesize

console = Console(width=130)

_VOCABULARY = 32064
_PIXELS, _PATCH = 336, 14


def main(
    people: Annotated[int, typer.Option(help="Fictitious people to generate.")] = 100,
    asked_alone: Annotated[int, typer.Option(help="Questions asked one at a time.")] = 20,
    layers: Annotated[int, typer.Option(help="Decoder layers; 32 in the 7B model.")] = 32,
    hidden: Annotated[int, typer.Option(help="Width of the decoder; 4096 in the 7B model.")] = 4096,
    device: Annotated[str, typer.Option(help="Where to run.")] = "cuda",
) -> None:
    """Print the table."""
    prepare_libraries()
    if device == "cuda" and not torch.cuda.is_available():
        console.print("There is no GPU here; the row of LLaVA-1.5-7B stays open.")
        return
    loaded = llava(layers, hidden, torch.device(device))
    world = synthesize(
        people, celebrities=30, holdout=0, image_size=_PIXELS, test_image_size=_PIXELS, ratios=(10,)
    )
    questions = official_questions(world, 10)
    name = torch.cuda.get_device_name() if device == "cuda" else device
    weights = sum(weight.numel() for weight in loaded.model.parameters())
    today = datetime.now(timezone.utc).date()
    console.print(f"{today}, {name}: {len(questions)} questions, {weights / 1e9:.2f} B weights")
    unknown = range(len(loaded.processor.tokenizer), _VOCABULARY)
    with never_writing(loaded, [loaded.encoder.answer_form.end_id, *unknown]):
        compare(loaded, questions, asked_alone)


def compare(loaded: LoadedModel, questions: list[Question], asked_alone: int) -> None:
    """Ask one at a time and by the engine."""
    indices = sample(questions, asked_alone)
    ask_one_by_one(loaded, questions[:1])
    _forget_peak()
    alone = ask_one_by_one(loaded, [questions[index] for index in indices])
    peak_alone = _peak()
    engine = TransformersEngine(fresh(loaded))
    _forget_peak()
    by_engine = ask_engine(engine, questions)
    console.print(comparison("50 tokens each", [("one at a time", alone), ("engine", by_engine)], indices))
    console.print(
        f"peak memory: {peak_alone:.1f} GB one at a time, {_peak():.1f} GB the engine\n"
        + tokens_line(engine.statistics)
    )


def llava(layers: int, hidden: int, device: torch.device) -> LoadedModel:
    """LLaVA-1.5 with random bfloat16 weights."""
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer = load_model("tiny", "cpu").processor.tokenizer
    vision = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=_PIXELS,
        patch_size=_PATCH,
        projection_dim=768,
    )
    text = LlamaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=hidden,
        intermediate_size=hidden * 11008 // 4096,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 128,
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
        image_seq_length=(_PIXELS // _PATCH) ** 2,
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
    )
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with device:
            model: Any = LlavaForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(before)
    images = CLIPImageProcessorPil(
        size={"shortest_edge": _PIXELS}, crop_size={"height": _PIXELS, "width": _PIXELS}
    )
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=_PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=load_model("tiny", "cpu").processor.chat_template,
    )
    return wrap_model(model, processor, "LLaVA-1.5-7B with random weights")


def _forget_peak() -> None:
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def _peak() -> float:
    """Most memory of the GPU that was in use, in GB."""
    return torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0


if __name__ == "__main__":
    typer.run(main)
