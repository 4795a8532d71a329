"""What a question costs, by the number of questions about a person and of demonstrations; and the floor.

    python benchmarks/engine_scaling.py --out scaling.html

The built-in model on a CPU is asked for letters in the official form. The floor is what the operations that
no engine can save would take at the speed of large matrix products on the same machine: every distinct
token once through the language model, every distinct picture once through the vision tower.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import plotly.graph_objects as go
import torch
import typer
from plotly.subplots import make_subplots
from rich.console import Console
from rich.table import Table

from engine_common import Question, ask_engine, fresh
from mllmu.benchmark import Benchmark, EvaluationSet, Modality, Task
from mllmu.benchmark import Question as Asked
from mllmu.cli.console import prepare_libraries
from mllmu.evaluation import Demonstration, Item
from mllmu.evaluation.protocols.official.official_prompts import classification_prompt
from mllmu.inference import Request, Stop, TransformersEngine
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.models import LoadedModel, Prompt, load_model, module_map
from mllmu.models.inputs.image_preprocessing import PictureCache
from mllmu.synthesis import synthesize

console = Console(width=130)

QUESTIONS = (1, 2, 4, 8, 16, 32, 64)
DEMONSTRATIONS = (0, 1, 2, 3, 5, 7, 10)
_USUAL_QUESTIONS, _USUAL_DEMONSTRATIONS = 5, 5
_COLOURS = ("#c9b458", "#7ea6a0", "#33628d", "#b8b8b8")
_PARTS = ("pictures: decoding and preprocessing", "vision tower", "language model", "everything else")


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of a question.

    Attributes:
        parts: milliseconds of each part, in the order of `_PARTS`.
        floor: see the module.
    """

    parts: tuple[float, ...]
    floor: float

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(self.parts)


def main(
    out: Annotated[Path, typer.Option(help="The page with the plot.")] = Path("engine_scaling.html"),
    people: Annotated[int, typer.Option(help="How many are asked about.")] = 12,
    model: Annotated[str, typer.Option(help="The model to ask.")] = "tiny",
) -> None:
    """Print two tables and write the plot."""
    prepare_libraries()
    loaded = load_model(model, "cpu")
    world = synthesize(people + 1, celebrities=0, holdout=0, ratios=())
    speed = matmul_speed(loaded.model.config.get_text_config().hidden_size)
    console.print(f"{torch.get_num_threads()} threads, matrix products at {speed / 1e9:.0f} GFLOP/s")
    by_questions = {n: cost(loaded, world, n, _USUAL_DEMONSTRATIONS, speed) for n in QUESTIONS}
    by_demonstrations = {n: cost(loaded, world, _USUAL_QUESTIONS, n, speed) for n in DEMONSTRATIONS}
    show(f"questions per person, {_USUAL_DEMONSTRATIONS} demonstrations", by_questions)
    show(f"demonstrations, {_USUAL_QUESTIONS} questions per person", by_demonstrations)
    plot(by_questions, by_demonstrations).write_html(
        out, include_plotlyjs=True, config={"displayModeBar": False}
    )
    console.print(f"plot: {out}")


def cost(loaded: LoadedModel, world: Benchmark, count: int, shown: int, speed: float) -> Cost:
    """Ask so many questions about each person, after so many demonstrations."""
    questions = list(asked(world, count, shown))
    loaded = fresh(loaded)
    engine = TransformersEngine(loaded)
    # Whether a model can branch is tried once, not for every question.
    engine.generate([Request(Prompt("USER: Who?\nASSISTANT:"), max_new_tokens=1)])
    engine.statistics.distinct = 0
    pictures, vision, language = (
        Timed(PictureCache, "prepare"),
        Timed(loaded.model, "get_image_features"),
        Timed(loaded.model, "forward"),
    )
    with pictures, vision, language:
        measured = ask_engine(engine, questions)
    timed = [part.seconds for part in (pictures, vision, language)]
    parts = [*timed, measured.cpu_seconds - sum(timed)]
    least = operations(loaded, engine.statistics, len(questions)) / speed
    return Cost(tuple(1000 * part / len(questions) for part in parts), 1000 * least / len(questions))


def asked(world: Benchmark, count: int, shown: int) -> Iterator[Question]:
    """Multiple-choice questions about all people but the first, who demonstrates."""
    first, *others = world.profiles.values()
    demonstrations = tuple(Demonstration(one, first.image) for one in numbered(first.questions, shown))
    for profile in others:
        for one in numbered(profile.questions, count):
            item = Item(one, profile.image, EvaluationSet.RETAIN, "original", demonstrations)
            prompt = classification_prompt(item)
            yield Question(Request(prompt, max_new_tokens=50, stop=Stop.FIRST_WORD), str)


def matmul_speed(hidden: int) -> float:
    """Floating-point operations a second in products of a layer's shape."""
    left, right = torch.randn(2048, hidden), torch.randn(3 * hidden, hidden)
    best = float("inf")
    for _ in range(20):
        start = time.process_time()
        torch.nn.functional.linear(left, right)
        best = min(best, time.process_time() - start)
    return 2 * left.numel() * len(right) / best


def numbered(questions: Sequence[Asked], count: int) -> Iterator[Asked]:
    """So many different multiple-choice questions with the picture; wordings come again with a number."""
    letters = [
        one for one in questions if one.task is Task.CLASSIFICATION and one.modality is Modality.IMAGE_TEXT
    ]
    for number, one in enumerate(islice(cycle(letters), count)):
        yield replace(one, text=f"{number + 1}. {one.text}")


def operations(loaded: LoadedModel, counts: EngineStatistics, questions: int) -> float:
    """Floating-point operations that cannot be saved, two for every weight that a token or a patch meets."""
    parts = module_map(loaded.model)
    layers = sum(_weights(loaded.model.get_submodule(name)) for name in parts.layers)
    head = loaded.model.get_output_embeddings().weight.numel()
    vision = loaded.model.config.vision_config
    patches = (vision.image_size // vision.patch_size) ** 2 + 1
    tower = _weights(loaded.model.get_submodule(parts.vision_tower))
    return 2.0 * (counts.distinct * layers + questions * head + counts.pictures * patches * tower)


def _weights(module: torch.nn.Module) -> int:
    return sum(one.weight.numel() for one in module.modules() if isinstance(one, torch.nn.Linear))


class Timed:
    """Adds up the CPU seconds spent in a method while it is entered.

    Args:
        owner: a class or an object.
        name: its method.
    """

    def __init__(self, owner: Any, name: str) -> None:
        self.seconds = 0.0
        self._owner, self._name = owner, name

    def __enter__(self) -> None:
        self._method = method = getattr(self._owner, self._name)

        @wraps(method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - start

        setattr(self._owner, self._name, timed)

    def __exit__(self, *_: object) -> None:
        setattr(self._owner, self._name, self._method)


def show(title: str, costs: Mapping[int, Cost]) -> None:
    """Print costs by a number."""
    table = Table(title=f"CPU ms of a question by the number of {title}", title_justify="left")
    for column in ("number", *_PARTS, "total", "floor", "total / floor"):
        table.add_column(column, justify="right")
    for number, cost in costs.items():
        shares = [f"{part:.2f}" for part in cost.parts]
        ends = f"{cost.total:.2f}", f"{cost.floor:.2f}", f"{cost.total / cost.floor:.1f}"
        table.add_row(str(number), *shares, *ends)
    console.print(table)


def plot(by_questions: Mapping[int, Cost], by_demonstrations: Mapping[int, Cost]) -> go.Figure:
    """Where the time goes, stacked, over the floor."""
    figure = make_subplots(cols=2, shared_yaxes=True)
    for column, costs in enumerate((by_questions, by_demonstrations), 1):
        numbers = [str(number) for number in costs]
        for index, (name, colour) in enumerate(zip(_PARTS, _COLOURS, strict=True)):
            heights = [cost.parts[index] for cost in costs.values()]
            bar = go.Bar(x=numbers, y=heights, name=name, marker_color=colour, showlegend=column == 1)
            figure.add_trace(bar, 1, column)
        floors = [cost.floor for cost in costs.values()]
        line = go.Scatter(x=numbers, y=floors, name="floor", line_color="#222", showlegend=column == 1)
        figure.add_trace(line, 1, column)
    figure.update_layout(
        barmode="stack",
        template="plotly_white",
        yaxis_title="CPU milliseconds of a question",
        height=320,
        margin={"t": 20},
    )
    figure.update_xaxes(title_text=f"questions per person ({_USUAL_DEMONSTRATIONS} demonstrations)", col=1)
    figure.update_xaxes(title_text=f"demonstrations ({_USUAL_QUESTIONS} questions per person)", col=2)
    return figure


if __name__ == "__main__":
    typer.run(main)
