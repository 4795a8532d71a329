"""Training on questions packed behind one copy of their portrait, against rows that each hold a copy.

    python benchmarks/packed_training.py

Needs no download: LLaVA-1.5's geometry, 576 tokens an image, in a width that a CPU can train, with random
weights. On a CPU every weight but the vision tower's learns, in float32; on a GPU adapters do, beside
bfloat16 weights, which the 7B model's size (--layers 32 --hidden 4096 --vision-layers 24 --vision-hidden 1024
--device cuda) needs. A batch holds so many questions about one generated
portrait. Its forward and backward pass is computed both ways in turn, so that other programs on the machine
slow down both; a ratio is the median over turns. Peak memory is that of a process that computes one batch one
way, or what such a process takes of the GPU.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Annotated, Any

import torch
import typer
from accelerate.utils import send_to_device
from rich.console import Console
from rich.table import Table

from llava_geometry import PIXELS, Size, gpu_peak, llava
from mllmu.cli.console import prepare_libraries
from mllmu.synthesis import synthesize
from mllmu.training import LoraSettings, OptimizationSettings, Precision, SampleDataset, training_samples
from mllmu.training.data.answer_collator import AnswerBatch, AnswerCollator
from mllmu.training.packing.packing_trial import row_packer
from mllmu.training.packing.picture_groups import picture_groups
from mllmu.training.precision import autocast
from mllmu.training.trainability import trainable
from mllmu.training.trainers.answer_logits import answer_logits

console = Console(width=130)
_WAYS = ("plain", "packed")
_ON_CPU = OptimizationSettings(precision="float32")
_ON_GPU = OptimizationSettings(precision="bfloat16", lora=LoraSettings(dropout=0))


@dataclass(frozen=True)
class Work:
    """A batch of questions about one portrait, and what learns from it.

    Attributes:
        learner: the model.
        batches: the same samples as rows of their own, and packed; by way.
        precision: in which the forward pass runs.
    """

    learner: Any
    batches: dict[str, AnswerBatch]
    precision: Precision

    def tokens(self, way: str) -> int:
        """Tokens that a way computes, padding included."""
        batch = self.batches[way]
        rows = batch["packed"]["inputs"] if "packed" in batch else batch["inputs"]
        return rows["input_ids"].numel()

    def loss(self, way: str) -> torch.Tensor:
        """Mean negative log-likelihood of the answers."""
        batch = self.batches[way]
        with autocast(self.precision, batch["inputs"]["input_ids"].device):
            answers = answer_logits(self.learner, batch["inputs"], batch.get("packed"))
        return -answers.token_log_probs().sum() / len(answers.targets)

    def seconds(self, way: str) -> float:
        """Time of one forward and backward pass."""
        self.learner.zero_grad()
        start = time.perf_counter()
        self.loss(way).backward()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return time.perf_counter() - start


@contextmanager
def opened(size: Size, questions: int, device: str) -> Iterator[Work]:
    """A model that learns so many questions about one person."""
    loaded, settings = llava(size, torch.device(device)), _ON_CPU if device == "cpu" else _ON_GPU
    world = synthesize(2, celebrities=1, holdout=0, image_size=PIXELS, test_image_size=PIXELS, ratios=(50,))
    person = max(world.profiles, key=lambda name: len(world.profiles[name].training_questions))
    dataset = SampleDataset(loaded, training_samples(world, [person], "image_text"))
    if len(dataset) < questions:
        raise SystemExit(f"A person has {len(dataset)} questions; expected at most as many of an image.")
    every = [dataset[index] for index in range(len(dataset))]
    with trainable(loaded.model, settings, seed=0) as learner:
        packer = row_packer(loaded, learner, every, settings.precision)
        assert packer is not None
        items = every[:questions]
        plain = AnswerCollator(loaded.encoder.pad_id)(items)
        packed: AnswerBatch = {
            **plain,
            "packed": packer.pack(items, picture_groups(items, packer.feature_id)),
        }
        batches = send_to_device(dict(zip(_WAYS, (plain, packed), strict=True)), loaded.device)
        yield Work(learner, batches, settings.precision)


def timed(work: Work, turns: int) -> dict[str, list[float]]:
    """Seconds of each way in each turn; a first turn is not counted."""
    taken: dict[str, list[float]] = {way: [] for way in _WAYS}
    for turn in range(turns + 1):
        for way in _WAYS if turn % 2 else _WAYS[::-1]:
            seconds = work.seconds(way)
            if turn:
                taken[way].append(seconds)
    return taken


def peak_of(size: Size, questions: int, device: str, way: str) -> float:
    """Most memory in MB while a batch is learned; to be called in a process that did nothing else."""
    prepare_libraries()
    with opened(size, questions, device) as work:
        work.seconds(way)
    if device != "cpu":
        return 1000 * gpu_peak()
    # Bytes on macOS, KiB elsewhere.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def peaks(size: Size, questions: int, device: str) -> list[str]:
    """The memory of each way; a process inherits the peak of the one that starts it."""
    measured = []
    for way in _WAYS:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            measured.append(f"{pool.submit(peak_of, size, questions, device, way).result():.0f}")
    return measured


def row(size: Size, questions: int, device: str, turns: int) -> list[str]:
    """Tokens and times of one line of the table."""
    with opened(size, questions, device) as work:
        tokens = [work.tokens(way) for way in _WAYS]
        taken = timed(work, turns)
    ratio = statistics.median(a / b for a, b in zip(*(taken[way] for way in _WAYS), strict=True))
    each = [f"{1000 * statistics.median(taken[way]) / questions:.0f}" for way in _WAYS]
    return [str(questions), *map(str, tokens), f"{tokens[0] / tokens[1]:.1f}", *each, f"{ratio:.1f}"]


def main(
    questions: Annotated[str, typer.Option(help="Questions of an image, separated by commas.")] = "1,4,8,15",
    turns: Annotated[int, typer.Option(help="How often each batch is computed each way.")] = 5,
    layers: Annotated[int, typer.Option(help="Decoder layers; 32 in the 7B model.")] = 4,
    hidden: Annotated[int, typer.Option(help="Width of the decoder; 4096 in the 7B model.")] = 256,
    vision_layers: Annotated[int, typer.Option(help="Layers of the vision tower; 24 in 7B.")] = 2,
    vision_hidden: Annotated[int, typer.Option(help="Width of the tower; 1024 in the 7B model.")] = 128,
    device: Annotated[str, typer.Option(help="Where to run.")] = "cpu",
) -> None:
    """Print the table."""
    prepare_libraries()
    head, dtype = min(128, hidden // 4), torch.float32 if device == "cpu" else torch.bfloat16
    size = Size(layers, hidden, head, vision_layers, vision_hidden, dtype)
    table = Table(title=f"decoder {layers} x {hidden}, {device}, {turns} turns", title_justify="left")
    for column in (
        *("questions of an image", "tokens, plain", "packed", "ratio"),
        *("ms a question, plain", "packed", "ratio", "peak MB, plain", "packed"),
    ):
        table.add_column(column, justify="right")
    counts = [int(count) for count in questions.split(",")]
    # Before this process takes memory of its own.
    memory = [peaks(size, count, device) for count in counts]
    for count, measured in zip(counts, memory, strict=True):
        table.add_row(*row(size, count, device, turns), *measured)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
