"""The official evaluation's questions on LLaVA-1.5-7B's architecture: one at a time against the engine.

    python benchmarks/engine_llava_7b.py

Needs a GPU of about 40 GB and no download: the geometry is that of the published configuration, the weights
are random, the words are the built-in tokenizer's. How long a model takes does not depend on what it knows.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated

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
from llava_geometry import PIXELS, VOCABULARY, Size, forget_peak, gpu_peak, llava
from mllmu.cli.console import prepare_libraries
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel
from mllmu.synthesis import synthesize

console = Console(width=130)


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
    size = Size(layers=layers, hidden=hidden, dtype=torch.bfloat16)
    loaded = llava(size, torch.device(device))
    world = synthesize(
        people, celebrities=30, holdout=0, image_size=PIXELS, test_image_size=PIXELS, ratios=(10,)
    )
    questions = official_questions(world, 10)
    name = torch.cuda.get_device_name() if device == "cuda" else device
    weights = sum(weight.numel() for weight in loaded.model.parameters())
    today = datetime.now(timezone.utc).date()
    console.print(f"{today}, {name}: {len(questions)} questions, {weights / 1e9:.2f} B weights")
    unknown = range(len(loaded.processor.tokenizer), VOCABULARY)
    with never_writing(loaded, [loaded.encoder.answer_form.end_id, *unknown]):
        compare(loaded, questions, asked_alone)


def compare(loaded: LoadedModel, questions: list[Question], asked_alone: int) -> None:
    """Ask one at a time and by the engine."""
    indices = sample(questions, asked_alone)
    ask_one_by_one(loaded, questions[:1])
    forget_peak()
    alone = ask_one_by_one(loaded, [questions[index] for index in indices])
    peak_alone = gpu_peak()
    engine = TransformersEngine(fresh(loaded))
    forget_peak()
    by_engine = ask_engine(engine, questions)
    console.print(comparison("50 tokens each", [("one at a time", alone), ("engine", by_engine)], indices))
    console.print(
        f"peak memory: {peak_alone:.1f} GB one at a time, {gpu_peak():.1f} GB the engine\n"
        + tokens_line(engine.statistics)
    )


if __name__ == "__main__":
    typer.run(main)
