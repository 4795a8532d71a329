"""The official evaluation and ours on the same model, people and draws, every number next to the other.

    python benchmarks/official_side_by_side.py --official PATH_TO_A_CLONE --out runs/official

Without ``--benchmark`` and ``--model`` people are generated and a vanilla model is trained on them first. The
clone is run as it is, by ``official_runner.py``; docs/fidelity.md says what differs around it, and why. The
exit code is 1 where an answer, a number or a file differs, unless that is rounding: a question whose answer
is the script's when it is asked alone differs by the batch it was in (float16 on close calls), and numbers
and files with it.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import torch
import typer
from rich.console import Console
from rich.table import Table
from transformers import AutoConfig

from mllmu.benchmark import load_benchmark
from mllmu.cli.console import prepare_libraries
from mllmu.evaluation import ask, get_protocol
from mllmu.inference import TransformersEngine
from mllmu.models import load_model
from official_finetune import FineTuned, fine_tune_officially
from official_script import ORDER, Answer, run_evaluation

console = Console(width=130, soft_wrap=True)


class Dtype(str, Enum):
    """Type of the weights, in both."""

    FLOAT16 = "float16"
    FLOAT32 = "float32"


@dataclass(frozen=True)
class Ours:
    """What our evaluation left.

    Attributes:
        folder: where its files are.
        answers: of all questions, in the script's order.
        seconds: of asking, without loading.
        ask_alone: answers the question at a place of `answers` once more, in a batch of its own.
    """

    folder: Path
    answers: Sequence[Answer]
    seconds: float
    ask_alone: Callable[[int], Answer]


@dataclass(frozen=True)
class Number:
    """One entry of the final results, in both."""

    name: str
    official: float
    ours: float


@dataclass(frozen=True)
class Comparison:
    """Everything that is compared.

    Attributes:
        dtype: of the weights.
        questions: how many were asked.
        prompts_equal: how many were put in the same words, in the same place.
        differing: the others, and those that were answered otherwise: (official, ours).
        by_batching: how many of these are answered alike when they are asked one at a time.
        numbers: of the final results.
        files_equal: by name, whether the files are the same byte for byte.
        official_seconds: of asking, without loading.
        our_seconds: the same.
    """

    dtype: str
    questions: int
    prompts_equal: int
    differing: Sequence[tuple[Answer, Answer]]
    by_batching: int
    numbers: Sequence[Number]
    files_equal: dict[str, bool]
    official_seconds: float
    our_seconds: float

    @property
    def equal(self) -> bool:
        """Whether no answer differs but by batching, and if none does, no file and no number (by 1e-12)."""
        if self.differing:
            return len(self.differing) == self.by_batching
        close = (math.isclose(one.official, one.ours, rel_tol=0, abs_tol=1e-12) for one in self.numbers)
        return all(close) and all(self.files_equal.values())


def main(
    official: Annotated[Path, typer.Option(help="A clone of the official repository.", exists=True)],
    out: Annotated[Path, typer.Option(help="A new folder for everything that is made.")],
    model: Annotated[Path | None, typer.Option(help="A LLaVA folder; trained where none is given.")] = None,
    benchmark: Annotated[Path | None, typer.Option(help="A folder; made where none is given.")] = None,
    forget: Annotated[int, typer.Option(help="Per cent of the people to forget.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    dtype: Annotated[Dtype | None, typer.Option(help="Type of the weights; both by default.")] = None,
    finetune: Annotated[bool, typer.Option(help="Also run finetune.py on a few people.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to keep the comparison.")] = None,
) -> None:
    """Compare, print, and keep what was compared."""
    prepare_libraries()
    out.mkdir(parents=True)
    people = (benchmark or _make_people(out / "people", forget)).resolve()
    asked = (model or _make_model(out / "vanilla", people)).resolve()
    compared = [
        _compare(official, asked, people, forget, seed, each, out / each.value)
        for each in ([dtype] if dtype else Dtype)
    ]
    for each in compared:
        _show(each)
    tuned = (
        fine_tune_officially(official / "finetune.py", asked, out / "finetune", seed) if finetune else None
    )
    if tuned:
        console.print(_tuned_table(tuned))
    if json_file:
        kept = {"compared": [asdict(one) for one in compared], "finetune": tuned and asdict(tuned)}
        json_file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    raise typer.Exit(not all(each.equal for each in compared))


def _make_people(folder: Path, forget: int) -> Path:
    sizes = ["--profiles", "100", "--celebrities", "30", "--holdout", "10", "--forget", str(forget)]
    _mllmu("synthesize", *sizes, "--image-size", "256", "--test-image-size", "256", "--out", str(folder))
    return folder


def _make_model(folder: Path, people: Path) -> Path:
    _mllmu("train", "--benchmark", str(people), "--model", "tiny", "--preset", "quick", "--out", str(folder))
    return folder


def _mllmu(*arguments: str) -> None:
    subprocess.run([sys.executable, "-c", "from mllmu.cli.main import main; main()", *arguments], check=True)


def _compare(
    official: Path, model: Path, people: Path, forget: int, seed: int, dtype: Dtype, work: Path
) -> Comparison:
    if dtype is Dtype.FLOAT32 and AutoConfig.from_pretrained(model).dtype is not torch.float32:
        raise SystemExit(f"{model} does not hold float32, as which the script would load it; see --dtype")
    work.mkdir()
    (work / "llava-model").symlink_to(model, target_is_directory=True)
    # The script loads float16, except for what it calls a pre-trained model, whose files decide.
    more = ["--pretrain", "yes"] if dtype is Dtype.FLOAT32 else []
    theirs = run_evaluation(official / "eval.py", "llava-model", people, forget, seed, work, more)
    ours = _evaluate(model, people, forget, seed, dtype, work / "ours")
    pairs = list(zip(theirs.answers, ours.answers, strict=True))
    differing = [place for place, (first, second) in enumerate(pairs) if first != second]
    names = sorted(path.name for path in theirs.folder.iterdir())
    return Comparison(
        dtype=dtype.value,
        questions=len(pairs),
        prompts_equal=sum(first.prompt == second.prompt for first, second in pairs),
        differing=[pairs[place] for place in differing],
        by_batching=sum(ours.ask_alone(place) == theirs.answers[place] for place in differing),
        numbers=list(_numbers(theirs.folder, ours.folder)),
        files_equal={
            name: (theirs.folder / name).read_bytes() == (ours.folder / name).read_bytes() for name in names
        },
        official_seconds=theirs.seconds,
        our_seconds=ours.seconds,
    )


def _evaluate(model: Path, people: Path, forget: int, seed: int, dtype: Dtype, folder: Path) -> Ours:
    """Our evaluation, as ``mllmu evaluate`` does it, in the script's type of weights."""
    loaded = load_model(model, dtype=getattr(torch, dtype.value))
    benchmark = load_benchmark(people)
    protocol = get_protocol("official")
    engine = TransformersEngine(loaded)
    start = time.perf_counter()
    items = protocol.items(benchmark, [benchmark.splits[forget]], seed=seed)[forget]
    items.sort(key=lambda item: ORDER.index((item.eval_set.value, item.question.task.value)))
    records = ask(engine, items, protocol)
    seconds = time.perf_counter() - start
    protocol.write_files(records, "official", folder)
    return Ours(
        folder, _answers(records), seconds, lambda place: _answers(ask(engine, [items[place]], protocol))[0]
    )


def _answers(records: pd.DataFrame) -> list[Answer]:
    columns = ["eval_set", "task", "prompt", "response", "chosen_letter"]
    return [
        Answer(eval_set, task, prompt, letter if task == "classification" else response)
        for eval_set, task, prompt, response, letter in records[columns].itertuples(index=False)
    ]


def _numbers(official: Path, ours: Path) -> Iterator[Number]:
    name = "official_final_evaluation_results.json"
    first, second = (json.loads((folder / name).read_text(encoding="utf-8")) for folder in (official, ours))
    for (path, one), (_, other) in zip(_leaves(first), _leaves(second), strict=True):
        yield Number(path.replace(" Results", "").replace("fill_in_the_blank", "cloze"), one, other)


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if not isinstance(tree, dict):
        yield path, tree
        return
    for key, branch in tree.items():
        yield from _leaves(branch, f"{path} / {key}" if path else key)


def _show(found: Comparison) -> None:
    table = Table(title=f"eval.py and mllmu, {found.dtype}")
    for heading in ("number", "official", "ours", "difference"):
        table.add_column(heading, justify="left" if heading == "number" else "right")
    for one in found.numbers:
        values = (f"{one.official:.12g}", f"{one.ours:.12g}", f"{one.ours - one.official:.1e}")
        table.add_row(one.name, *values)
    console.print(table)
    same = sum(found.files_equal.values())
    console.print(
        f"{found.questions} questions, {found.prompts_equal} in the same words, "
        f"{len(found.differing)} answered otherwise ({found.by_batching} not when asked alone); "
        f"{same} of {len(found.files_equal)} files equal byte for byte"
    )
    ratio = found.official_seconds / found.our_seconds
    console.print(
        f"official {found.official_seconds:.1f} s, ours {found.our_seconds:.1f} s: {ratio:.1f} times"
    )
    for first, second in found.differing[:20]:
        console.print(f"{first.eval_set} {first.task}: {first.prompt[-160:]!r}", markup=False)
        console.print(f"    official: {first.answer!r}\n    ours:     {second.answer!r}", markup=False)


def _tuned_table(tuned: FineTuned) -> Table:
    table = Table(title="finetune.py on people written by mllmu")
    table.add_column("what")
    table.add_column("value", justify="right")
    for name, value in asdict(tuned).items():
        table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
    return table


if __name__ == "__main__":
    typer.run(main)
