"""The official evaluation's questions: one at a time, in plain batches, and by the engine, side by side.

    python benchmarks/engine_official.py

The built-in model, generated people with pictures of the published sizes. The loop is measured on a sample of
the questions, whose answers must be the engine's; the others on all questions.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from engine_common import (
    Question,
    ask_engine,
    ask_one_by_one,
    batching_engine,
    comparison,
    fresh,
    never_writing,
    official_questions,
    sample,
    tokens_line,
)
from mllmu.benchmark import load_benchmark
from mllmu.cli.console import prepare_libraries
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel, load_model
from mllmu.synthesis import synthesize

console = Console(width=130)


def main(
    people: Annotated[int, typer.Option(help="Fictitious people to generate.")] = 100,
    celebrities: Annotated[int, typer.Option(help="Celebrities to generate.")] = 30,
    benchmark: Annotated[Path | None, typer.Option(help="A benchmark folder instead.")] = None,
    model: Annotated[str, typer.Option(help="The model to ask.")] = "tiny",
    device: Annotated[str, typer.Option(help="Where it is.")] = "cpu",
    asked_alone: Annotated[int, typer.Option(help="Questions asked one at a time.")] = 200,
) -> None:
    """Print the table."""
    prepare_libraries()
    world = (
        load_benchmark(benchmark) if benchmark else synthesize(people, celebrities, holdout=0, ratios=(10,))
    )
    questions = official_questions(world, 10)
    today = datetime.now(timezone.utc).date()
    console.print(f"{today}: {len(questions)} questions, {torch.get_num_threads()} threads")
    loaded = load_model(model, device)
    compare(loaded, questions, asked_alone, "answers end with the end token")
    with never_writing(loaded, [loaded.encoder.answer_form.end_id]):
        compare(loaded, questions, asked_alone, "no end token: 50 tokens written by the loop")


def compare(loaded: LoadedModel, questions: list[Question], asked_alone: int, title: str) -> None:
    """Ask in all three ways."""
    indices = sample(questions, asked_alone)
    # The model and its libraries are warm, but no picture was encoded yet.
    ask_one_by_one(loaded, questions[:2])
    alone = ask_one_by_one(loaded, [questions[index] for index in indices])
    engine = TransformersEngine(fresh(loaded))
    by_engine = ask_engine(engine, questions)
    by_batches = ask_engine(batching_engine(fresh(loaded)), questions)
    ways = [("one at a time", alone), ("plain batches", by_batches), ("engine", by_engine)]
    console.print(comparison(title, ways, indices))
    console.print(tokens_line(engine.statistics) + "\n")


if __name__ == "__main__":
    typer.run(main)
