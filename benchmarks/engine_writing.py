"""What writing costs the engine, by the number of answers in a pass, and what larger batches could save.

    python benchmarks/engine_writing.py --people 200 --celebrities 60

The official evaluation's questions, asked of the built-in model by the engine. A pass that writes gives every
unfinished answer of a batch one token. A batch holds rows that follow one prefix. Could answers to several
prefixes share every pass, a token would cost about what it does in the cheapest passes.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table

from engine_common import Measured, Question, ask_engine, fresh, never_writing, official_questions
from mllmu.benchmark import load_benchmark
from mllmu.cli.console import prepare_libraries
from mllmu.inference import TransformersEngine
from mllmu.inference.prefix_sharing.prefix_reader import PrefixReader
from mllmu.models import LoadedModel, load_model
from mllmu.synthesis import synthesize

console = Console(width=130)

# Largest numbers of answers of the rows of the table but for its last one.
_SIZES = (1, 4, 16, 64, 256)
# A pass: the answers that it gives a token, and its CPU seconds.
_Pass = tuple[int, float]


def main(
    people: Annotated[int, typer.Option(help="Fictitious people to generate.")] = 200,
    celebrities: Annotated[int, typer.Option(help="Celebrities to generate.")] = 60,
    benchmark: Annotated[Path | None, typer.Option(help="A benchmark folder instead.")] = None,
    model: Annotated[str, typer.Option(help="The model to ask.")] = "tiny",
    device: Annotated[str, typer.Option(help="Where it is.")] = "cpu",
) -> None:
    """Print a table for answers that end, and one for answers of 50 tokens."""
    prepare_libraries()
    world = (
        load_benchmark(benchmark) if benchmark else synthesize(people, celebrities, holdout=0, ratios=(10,))
    )
    questions, loaded = official_questions(world, 10), load_model(model, device)
    console.print(f"{len(questions)} questions, {torch.get_num_threads()} threads")
    show("answers end with the end token", *asked(loaded, questions))
    with never_writing(loaded, [loaded.encoder.answer_form.end_id]):
        show("no end token: 50 tokens are written", *asked(loaded, questions))


def asked(loaded: LoadedModel, questions: Sequence[Question]) -> tuple[Measured, list[_Pass]]:
    """Ask all questions; with the passes that write, in order."""
    engine = TransformersEngine(fresh(loaded))
    _ = engine.backend  # chosen before anything is timed
    with writing_passes() as passes:
        return ask_engine(engine, questions), passes


@contextmanager
def writing_passes() -> Iterator[list[_Pass]]:
    """The passes of all readers that read no prompt: a list that grows meanwhile."""
    forward, read = PrefixReader.forward, PrefixReader.read
    passes: list[_Pass] = []
    reading = False

    def reads(self: PrefixReader, *inputs: Any) -> torch.Tensor:
        nonlocal reading
        reading = True
        try:
            return read(self, *inputs)
        finally:
            reading = False

    def runs(self: PrefixReader, *inputs: Any) -> torch.Tensor:
        start = time.process_time()
        logits = forward(self, *inputs)
        if not reading:
            passes.append((len(logits), time.process_time() - start))
        return logits

    PrefixReader.forward, PrefixReader.read = runs, reads  # type: ignore[method-assign]
    try:
        yield passes
    finally:
        PrefixReader.forward, PrefixReader.read = forward, read  # type: ignore[method-assign]


def show(title: str, measured: Measured, passes: Sequence[_Pass]) -> None:
    """Print what passes for so many answers cost, and the saving were all as cheap as the cheapest."""
    table = Table(title=title, title_justify="left")
    columns = (
        "answers in a pass",
        "passes",
        "tokens",
        "CPU ms a pass",
        "CPU ms a token",
        "% of all CPU time",
    )
    for column in columns:
        table.add_column(column, justify="right")
    sizes = by_size(passes)
    for name, alike in sizes.items():
        tokens, seconds = sum(count for count, _ in alike), sum(each for _, each in alike)
        costs = f"{1000 * seconds / len(alike):.1f}", f"{1000 * seconds / tokens:.2f}"
        share = f"{100 * seconds / measured.cpu_seconds:.1f}"
        table.add_row(name, str(len(alike)), str(tokens), *costs, share)
    console.print(table)
    written = sum(each for _, each in passes)
    cheapest = min(sum(each for _, each in one) / sum(count for count, _ in one) for one in sizes.values())
    saved = written - cheapest * sum(count for count, _ in passes)
    console.print(
        f"{1000 * measured.cpu_each:.2f} CPU ms a question, "
        f"{100 * written / measured.cpu_seconds:.1f} % of it in passes that write.\n"
        "If every token cost what it does in the cheapest row, that would save "
        f"{100 * saved / measured.cpu_seconds:.1f} % of all.\n"
    )


def by_size(passes: Sequence[_Pass]) -> dict[str, list[_Pass]]:
    """Passes by how many answers they give a token."""
    sizes: dict[str, list[_Pass]] = {}
    for one in sorted(passes):
        rank = bisect_left(_SIZES, one[0])
        low, high = (0, *_SIZES)[rank] + 1, (*_SIZES, None)[rank]
        name = f"{low} or more" if high is None else f"{low} to {high}" if high > low else f"{low}"
        sizes.setdefault(name, []).append(one)
    return sizes


if __name__ == "__main__":
    typer.run(main)
