"""What the engine's benchmarks share: the official questions, and asking them as the official script does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from rich.table import Table

from mllmu.benchmark import Benchmark
from mllmu.benchmark.images import open_image
from mllmu.evaluation import get_protocol
from mllmu.inference import Limits, Request, TransformersEngine
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.models import LoadedModel, wrap_model
from mllmu.study.pipeline.benchmark_source import choose_split

# Questions asked one after the other in a sample.
_BLOCK = 10
# What the logit of a token becomes that is not to be written.
_NEVER = -1e4


@dataclass(frozen=True)
class Question:
    """One question of the official evaluation.

    Attributes:
        request: what the engine is asked.
        read: what the official parser makes of a written text.
    """

    request: Request
    read: Callable[[str], str]


@dataclass(frozen=True)
class Measured:
    """How long a way of asking took.

    Attributes:
        answers: as the official parser reads them.
        seconds: in all.
        cpu_seconds: of all threads, which other programs on the machine change little.
    """

    answers: list[str]
    seconds: float
    cpu_seconds: float

    @property
    def each(self) -> float:
        """Seconds of a question."""
        return self.seconds / len(self.answers)

    @property
    def cpu_each(self) -> float:
        """Seconds of a question, of all threads."""
        return self.cpu_seconds / len(self.answers)


class _Clock:
    """Times what is written since it was made."""

    def __init__(self) -> None:
        self._start, self._cpu_start = time.perf_counter(), time.process_time()

    def measured(self, texts: Sequence[str], questions: Sequence[Question]) -> Measured:
        """Stop, then read."""
        seconds, cpu_seconds = time.perf_counter() - self._start, time.process_time() - self._cpu_start
        answers = [one.read(text) for one, text in zip(questions, texts, strict=True)]
        return Measured(answers, seconds, cpu_seconds)


def official_questions(benchmark: Benchmark, forget: int, seed: int = 0) -> list[Question]:
    """All questions of the official evaluation, demonstrations drawn with a seed."""
    protocol, split = get_protocol("official"), choose_split(benchmark, forget, None)
    questions = []
    for item in protocol.items(benchmark, [split], "", seed)[split.forget_ratio]:
        asking = protocol.put(item)
        written = asking.response or asking.letter_response
        if written is not None:
            request = Request(written.prompt, max_new_tokens=written.max_new_tokens, stop=written.stop)
            questions.append(Question(request, written.read))
    return questions


@torch.inference_mode()
def ask_one_by_one(loaded: LoadedModel, questions: Sequence[Question]) -> Measured:
    """Ask as the official script does: the processor gets each prompt with all its images, then generate."""
    processor, texts = loaded.processor, []
    pictures: dict[bytes, Any] = {}
    clock = _Clock()
    for one in questions:
        prompt = one.request.prompt
        # The script, too, decodes a person's picture once for all questions about it.
        pictures.update({data: open_image(data) for data in prompt.images if data not in pictures})
        images = [pictures[data] for data in prompt.images] or None
        inputs = processor(images=images, text=prompt.text, return_tensors="pt").to(loaded.device)
        length = inputs["input_ids"].shape[1]
        generated = loaded.model.generate(
            **inputs, max_new_tokens=one.request.max_new_tokens, do_sample=False
        )
        texts.append(processor.decode(generated[0, length:], skip_special_tokens=True).strip())
    return clock.measured(texts, questions)


def ask_engine(engine: TransformersEngine, questions: Sequence[Question]) -> Measured:
    """Ask all questions in one call; the trial of prefix sharing is part of the time."""
    clock = _Clock()
    return clock.measured(engine.generate([one.request for one in questions]), questions)


def batching_engine(loaded: LoadedModel) -> TransformersEngine:
    """The engine without shared prefixes: batches of prompts of similar length."""
    engine = TransformersEngine(loaded)
    engine.backend = PlainBatches(loaded, Limits.of(loaded), engine.statistics)
    return engine


def sample(questions: Sequence[Question], count: int) -> list[int]:
    """Indices of about so many questions: blocks of neighbours, which show the same pictures, by chance."""
    blocks = [range(start, min(start + _BLOCK, len(questions))) for start in range(0, len(questions), _BLOCK)]
    drawn = random.Random(0).sample(blocks, min(len(blocks), -(-count // _BLOCK)))
    return sorted(index for block in drawn for index in block)


def fresh(loaded: LoadedModel) -> LoadedModel:
    """The same model with an encoder that has seen no picture."""
    return wrap_model(loaded.model, loaded.processor, loaded.source, loaded.system_prompt)


def comparison(title: str, ways: Sequence[tuple[str, Measured]], indices: Sequence[int]) -> Table:
    """A table of ways to ask; the first asked only the questions at some indices of the others'."""
    table = Table(title=title, title_justify="left")
    table.add_column("way")
    for column in (
        "questions",
        "ms each",
        "times the first",
        "CPU ms each",
        "times the first",
        "other answers",
    ):
        table.add_column(column, justify="right")
    _, first = ways[0]
    for name, measured in ways:
        answers = measured.answers if measured is first else [measured.answers[index] for index in indices]
        table.add_row(
            name,
            str(len(measured.answers)),
            f"{1000 * measured.each:.1f}",
            f"{first.each / measured.each:.1f}",
            f"{1000 * measured.cpu_each:.1f}",
            f"{first.cpu_each / measured.cpu_each:.1f}",
            str(disagreements(answers, first.answers)),
        )
    return table


def tokens_line(counts: EngineStatistics) -> str:
    """What an engine computed, in a sentence."""
    return (
        f"tokens: {counts.requested} asked, {counts.distinct} distinct, {counts.computed} computed, of which "
        f"{counts.padding} are padding; distinct / computed = {counts.distinct / counts.computed:.3f}; "
        f"{counts.pictures} pictures seen, {counts.forwards} passes"
    )


def disagreements(answers: Sequence[str], expected: Sequence[str]) -> int:
    """How many answers differ."""
    return sum(left != right for left, right in zip(answers, expected, strict=True))


@contextmanager
def never_writing(loaded: LoadedModel, tokens: Sequence[int]) -> Iterator[None]:
    """Keep a model from writing tokens: without its end token it writes as many as it may.

    So do models that the official script fine-tuned, for it teaches no end token.
    """

    def suppress(_: Any, __: Any, logits: torch.Tensor) -> torch.Tensor:
        return logits.index_fill(-1, torch.tensor(tokens, device=logits.device), _NEVER)

    handle = loaded.model.get_output_embeddings().register_forward_hook(suppress)
    try:
        yield
    finally:
        handle.remove()
