"""The same models by protocol ``official`` and by ``strict``: what the protocol does to values and to ranks.

    python benchmarks/protocols_compared.py --run runs/quick --benchmark people --forget 10

``official`` is repeated with several seeds, because it draws its demonstrators. Ranks are of the methods; how
well two rankings agree is Kendall's tau-b.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.progress import track
from scipy.stats import kendalltau

from mllmu.benchmark import Benchmark, EvaluationSet, load_benchmark
from mllmu.cli.console import prepare_libraries
from mllmu.evaluation import Protocol, ask, get_protocol, score
from mllmu.inference import TransformersEngine
from mllmu.models import load_model
from mllmu.study.pipeline.benchmark_source import choose_split

FORGOTTEN = [EvaluationSet.FORGET, EvaluationSet.TEST]
REFERENCES = ("vanilla", "retrained")
CELL = ["eval_set", "modality", "task"]

console = Console(width=160)


@dataclass(frozen=True)
class Cell:
    """One set, modality and task: the headline value of every model by both protocols.

    Attributes:
        strict: by model.
        official: by model, one value per seed.
        agreement: of strict's ranking of the methods with that of official's mean; NaN where all are tied.
        repeatability: mean agreement of two seeds of official with one another.
    """

    eval_set: str
    modality: str
    task: str
    strict: Mapping[str, float]
    official: Mapping[str, Sequence[float]]
    agreement: float
    repeatability: float


def main(
    run: Annotated[Path, typer.Option(help="The folder of a run of mllmu.", exists=True)],
    benchmark: Annotated[Path, typer.Option(help="Its people, as a folder.", exists=True)],
    forget: Annotated[int, typer.Option(help="Per cent of the people to forget.")] = 10,
    seeds: Annotated[int, typer.Option(help="How often official draws its demonstrators.")] = 3,
    sets: Annotated[list[EvaluationSet], typer.Option(help="What is asked; may be repeated.")] = FORGOTTEN,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to keep the comparison.")] = None,
) -> None:
    """Ask every model of a run by both protocols, and compare."""
    prepare_libraries()
    people = load_benchmark(benchmark)
    models = dict(_models(run))
    asked = {
        name: [
            _values(folder, people, forget, sets, get_protocol("strict"), 0),
            *(_values(folder, people, forget, sets, get_protocol("official"), seed) for seed in range(seeds)),
        ]
        for name, folder in track(models.items(), description="asking", console=Console(stderr=True))
    }
    cells = list(_cells(asked))
    for eval_set in sets:
        for line in _table(eval_set, [cell for cell in cells if cell.eval_set == eval_set]):
            console.print(line, markup=False, soft_wrap=True)
    if json_file:
        kept = [asdict(cell) for cell in cells]
        json_file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _models(run: Path) -> Iterator[tuple[str, Path]]:
    """The models that a run made, by what was done to them, references first."""
    found = {}
    for path in sorted((run / "stages").glob("*/manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["kind"] == "fine_tuning":
            found["vanilla" if "vanilla" in manifest["title"] else "retrained"] = path.parent / "model"
        elif manifest["kind"] == "unlearning":
            found[manifest["ingredients"]["method"]] = path.parent / "model"
    for name in sorted(found, key=lambda name: (name not in REFERENCES, name)):
        yield name, found[name]


def _values(
    model: Path,
    people: Benchmark,
    forget: int,
    sets: Sequence[EvaluationSet],
    protocol: Protocol,
    seed: int,
) -> pd.Series:
    """The protocol's headline value of every cell."""
    split = choose_split(people, forget, None)
    items = [item for item in protocol.items(people, [split], seed=seed)[forget] if item.eval_set in sets]
    scores = score(ask(TransformersEngine(load_model(model)), items, protocol))
    headlines = {task.value: metric for task, metric in protocol.headline.items()}
    return scores[scores["metric"] == scores["task"].map(headlines)].set_index(CELL)["value"]


def _cells(asked: Mapping[str, Sequence[pd.Series]]) -> Iterator[Cell]:
    methods = [name for name in asked if name not in REFERENCES]
    for place in next(iter(asked.values()))[0].index:
        strict = {name: float(values[0][place]) for name, values in asked.items()}
        official = {name: [float(one[place]) for one in values[1:]] for name, values in asked.items()}
        means = [sum(official[name]) / len(official[name]) for name in methods]
        rounds = list(zip(*(official[name] for name in methods), strict=True))
        pairs = [(first, second) for n, first in enumerate(rounds) for second in rounds[:n]]
        taus = pd.Series([_tau(first, second) for first, second in pairs], dtype=float)
        eval_set, modality, task = place
        yield Cell(
            eval_set,
            modality,
            task,
            strict=strict,
            official=official,
            agreement=_tau([strict[name] for name in methods], means),
            repeatability=float(taus.mean()),
        )


def _tau(first: Sequence[float], second: Sequence[float]) -> float:
    return float(kendalltau(first, second).statistic)


def _table(eval_set: EvaluationSet, cells: Sequence[Cell]) -> Iterator[str]:
    """Markdown: strict, and official as its mean and range over the seeds."""
    yield f"\n**{eval_set}**: strict / official, mean (lowest to highest of the seeds)\n"
    names = list(cells[0].strict)
    yield f"| modality, task | {' | '.join(names)} | tau strict, official | tau of two seeds |"
    yield "| --- |" + " ---: |" * (len(names) + 2)
    for cell in cells:
        entries = []
        for name in names:
            drawn = cell.official[name]
            low, high = _number(min(drawn), cell.task), _number(max(drawn), cell.task)
            mean = _number(sum(drawn) / len(drawn), cell.task)
            entries.append(f"{_number(cell.strict[name], cell.task)} / {mean} ({low} to {high})")
        taus = f"{cell.agreement:.2f} | {cell.repeatability:.2f}"
        yield f"| {cell.modality}, {cell.task} | {' | '.join(entries)} | {taus} |"


def _number(value: float, task: str) -> str:
    return f"{value:.3f}" if task == "generation" else f"{value:.1f}"


if __name__ == "__main__":
    typer.run(main)
