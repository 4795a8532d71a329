"""What asking costs under the protocol ``strict``: letters, bfloat16, and what is the same for all models.

    python benchmarks/asking_costs.py

The built-in model and generated people. Every way asks all questions, in turn, and is timed in CPU time; the
first asking, which also reads the pictures, is shown apart, since the models of a run share them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from statistics import median
from typing import Annotated, Any
from unittest.mock import patch

import pandas as pd
import torch
import typer
from rich.console import Console
from rich.table import Table

from engine_common import fresh
from mllmu.cli.console import prepare_libraries
from mllmu.evaluation import Item, WithoutLetters, ask, get_protocol
from mllmu.inference import TransformersEngine
from mllmu.inference.prefix_sharing import shared_prefixes
from mllmu.models import Encoder, LoadedModel, load_model
from mllmu.models.packing.position_ids import PositionIds
from mllmu.synthesis import synthesize

console = Console(width=130)
# What does not depend on a model's weights, and where it is called.
PREPARED: dict[str, tuple[Any, str]] = {
    "wording by the chat template": (TransformersEngine, "_prompts"),
    "pictures": (Encoder, "prepare"),
    "tokens of prompts": (Encoder, "layout"),
    "tokens of answers": (Encoder, "answer_ids"),
    "tokens told apart": (TransformersEngine, "answer_parts"),
    "positions": (PositionIds, "of"),
    "prefix tree": (shared_prefixes, "build_prefix_tree"),
    "rows": (shared_prefixes, "pack_rows"),
}


@dataclass(frozen=True)
class Way:
    """One way of asking."""

    title: str
    letters: bool
    dtype: torch.dtype


WAYS = (
    Way("letters, float32", letters=True, dtype=torch.float32),
    Way("no letters, float32", letters=False, dtype=torch.float32),
    Way("no letters, bfloat16", letters=False, dtype=torch.bfloat16),
)


def main(
    people: Annotated[int, typer.Option(help="Fictitious people to generate.")] = 20,
    celebrities: Annotated[int, typer.Option(help="Celebrities to generate.")] = 6,
    model: Annotated[str, typer.Option(help="The model to ask.")] = "tiny",
    turns: Annotated[int, typer.Option(help="How often each way is asked.")] = 3,
) -> None:
    """Print the tables."""
    prepare_libraries()
    world = synthesize(people, celebrities, holdout=0, ratios=(10,))
    items = get_protocol("strict").items(world, list(world.splits.values()))[10]
    console.print(f"{len(items)} questions, {torch.get_num_threads()} threads")
    models = {dtype: load_model(model, "cpu", dtype) for dtype in {way.dtype for way in WAYS}}
    with spent() as parts:
        seconds, _ = asked(fresh(models[torch.float32]), items, WAYS[0])
    console.print(parts_table("the first model of a run, with letters", parts, seconds))
    taken: dict[Way, list[float]] = defaultdict(list)
    answers: dict[Way, pd.DataFrame] = {}
    shared: dict[Way, tuple[dict[str, float], float]] = {}
    for _ in range(turns):
        for way in WAYS:
            with spent() as parts:
                seconds, answers[way] = asked(models[way.dtype], items, way)
            taken[way].append(seconds)
            shared[way] = parts, seconds
    console.print(ways_table(taken, answers, len(items)))
    console.print(parts_table("a further model, no letters, float32", *shared[WAYS[1]]))


def asked(loaded: LoadedModel, items: Sequence[Item], way: Way) -> tuple[float, pd.DataFrame]:
    """CPU seconds that asking takes, and the records."""
    protocol = get_protocol("strict")
    began = time.process_time()
    records = ask(TransformersEngine(loaded), items, protocol if way.letters else WithoutLetters(protocol))
    return time.process_time() - began, records


@contextmanager
def spent() -> Iterator[dict[str, float]]:
    """CPU seconds spent on each thing that is the same for all models."""
    seconds: dict[str, float] = defaultdict(float)
    inside = 0

    def timed(title: str, function: Any) -> Any:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal inside
            began, outermost = time.process_time(), inside == 0
            inside += 1
            try:
                return function(*args, **kwargs)
            finally:
                inside -= 1
                if outermost:  # one may call another
                    seconds[title] += time.process_time() - began

        return call

    patches = [
        patch.object(owner, name, timed(title, getattr(owner, name)))
        for title, (owner, name) in PREPARED.items()
    ]
    for one in patches:
        one.start()
    try:
        yield seconds
    finally:
        for one in patches:
            one.stop()


def ways_table(taken: dict[Way, list[float]], answers: dict[Way, pd.DataFrame], questions: int) -> Table:
    """CPU time of every way, and what differs from the way before it in float32."""
    table = Table(
        "way", "CPU ms a question", "times as fast as the first", "answers that differ from float32"
    )
    plain = answers[WAYS[1]]
    for way, seconds in taken.items():
        written = answers[way]["response"] != plain["response"]
        table.add_row(
            way.title,
            f"{1000 * median(seconds) / questions:.1f}",
            f"{median(taken[WAYS[0]]) / median(seconds):.2f}",
            f"{int(written.sum())} of {int((plain['response'] != '').sum())}",
        )
    return table


def parts_table(title: str, parts: dict[str, float], seconds: float) -> Table:
    """What each thing takes of an asking, in per cent."""
    table = Table("what is the same for all models", "CPU s", "% of asking", title=title)
    for name, one in sorted(parts.items(), key=lambda part: -part[1]):
        table.add_row(name, f"{one:.2f}", f"{100 * one / seconds:.1f}")
    total = sum(parts.values())
    table.add_row("together", f"{total:.2f}", f"{100 * total / seconds:.1f}")
    return table


if __name__ == "__main__":
    typer.run(main)
