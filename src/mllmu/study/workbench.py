"""Single steps from names to folders, as the commands take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from mllmu.benchmark import Benchmark
from mllmu.errors import UserError
from mllmu.evaluation import Item, compare, get_protocol, read_records, write_records
from mllmu.files import atomic_folder
from mllmu.inference import is_main_process
from mllmu.models import load_model, save_model
from mllmu.progress import Progress
from mllmu.report.run_folder import RECORDS_FOLDER, RESULTS_FILE
from mllmu.study import verbs
from mllmu.study.benchmarks import SYNTHETIC, choose_split, open_benchmark
from mllmu.study.display import Display
from mllmu.study.engines import cached, open_engine
from mllmu.study.executor import Executor
from mllmu.study.frames import write_table
from mllmu.study.lock import locked
from mllmu.study.overrides import override, parse_assignments
from mllmu.study.presets import make_recipe
from mllmu.study.provenance import read_subject, write_subject
from mllmu.study.recipe import SyntheticSettings, check_rehearsal
from mllmu.study.results import label_scores, only_records
from mllmu.study.store import Store
from mllmu.study.subject import RETRAINED, UNLEARNED, VANILLA, Subject
from mllmu.training import TrainingModality, TrainingSettings, parse_settings

_CACHE = Path(".mllmu")
_ANSWERS = _CACHE / "answers.sqlite"
_COMPARISON_FILE = "comparison.parquet"


@dataclass(frozen=True)
class Setting:
    """What all single steps need.

    Attributes:
        benchmark: ``synthetic``, a folder, or a hub id.
        model: ``tiny``, a folder, or a hub id.
        out: a new or empty folder for the result.
        seed: fixes everything random.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        display: whom to tell how far it is.
    """

    benchmark: str
    model: str
    out: Path
    seed: int
    device: str
    display: Display


def train_model(where: Setting, on: verbs.Audience, forget: int | None, settings: TrainingSettings) -> None:
    """Fine-tune a model and save it.

    Raises:
        UserError: if something named does not exist or does not fit, or the folder is not empty.
    """
    check_rehearsal(where.model, settings)
    with _benchmark(where) as benchmark, _step(where, f"fine-tune on {on}") as (folder, progress):
        loaded = load_model(where.model, where.device)
        trained = verbs.train(loaded, benchmark, on, forget, settings, where.seed, progress)
        save_model(trained, folder)
        write_subject(Subject(VANILLA if on == "everyone" else RETRAINED, where.seed), folder)


def unlearn_model(
    where: Setting, method: str, forget: int, modality: TrainingModality, settings: Mapping[str, Any]
) -> None:
    """Make a model forget and save it.

    Raises:
        UserError: if something named does not exist or does not fit, or the folder is not empty.
    """
    title = f"unlearn {forget} % with {method} on {modality}"
    with _benchmark(where) as benchmark, _step(where, title) as (folder, progress):
        loaded = load_model(where.model, where.device)
        unlearned = verbs.unlearn(method, loaded, benchmark, forget, modality, settings, where.seed, progress)
        save_model(unlearned, folder)
        write_subject(Subject(UNLEARNED, where.seed, method, modality), folder)


def evaluate_model(
    where: Setting,
    forget: int,
    protocol: str,
    demonstrators: str,
    reference: Path | None,
    served_name: str | None = None,
    cache: bool | None = None,
) -> pd.DataFrame:
    """Ask a model, and save its records and scores, compared with another model's where one is given.

    Args:
        where: benchmark, model (or the URL of a server's API) and folder.
        forget: per cent of the people that count as forgotten.
        protocol: how questions are put.
        demonstrators: who answers questions first, in the protocol's own words.
        reference: the folder of another model's evaluation on the same benchmark.
        served_name: what a server calls the model.
        cache: whether to keep answers and take those that are kept; None does so for a model in memory.

    Returns:
        The model's rows of ``results.parquet``.

    Raises:
        UserError: if something named does not exist or does not fit, or the folder is not empty.
    """
    other = None if reference is None else _read_reference(reference, protocol)
    with _benchmark(where) as benchmark, _step(where, f"ask {where.model}") as (folder, progress):
        if other is not None:
            # Before anything is asked: a wrong folder should not cost the answers.
            split = choose_split(benchmark, forget, None)
            items = get_protocol(protocol).items(benchmark, [split], demonstrators, where.seed)
            _check_wordings(other, f"--reference {reference}", items[split.forget_ratio])
        engine, name = open_engine(where.model, where.device, served_name)
        subject = read_subject(name)
        engine = cached(engine, where.model, cache, _ANSWERS)
        found = verbs.evaluate(engine, benchmark, forget, protocol, demonstrators, where.seed, progress)
        results = label_scores(found.scores, subject.columns(forget, protocol))
        write_table(results, folder / RESULTS_FILE)
        stem = subject.file_name(forget)
        write_records(found.records, folder / RECORDS_FOLDER / f"{stem}.parquet")
        get_protocol(protocol).write_files(found.records, stem, folder)
        if other is not None:
            write_table(compare(found.records, other, where.seed), folder / _COMPARISON_FILE)
    return results


def training_settings(preset: str | None, assignments: Iterable[str]) -> TrainingSettings:
    """A preset's fine-tuning settings, or the original benchmark's, with single ones changed.

    Raises:
        UserError: if the preset, a setting or a value does not exist or does not fit.
    """
    settings = make_recipe(preset).fine_tuning.model_dump() if preset else {}
    return parse_settings("fine-tuning", TrainingSettings, override(settings, parse_assignments(assignments)))


def method_settings(method: str, preset: str | None, assignments: Iterable[str]) -> dict[str, Any]:
    """A preset's settings of a method, or the method's defaults, with single ones changed.

    Raises:
        UserError: if the preset does not exist or has no such method.
    """
    settings: Mapping[str, Any] = {}
    if preset:
        known = make_recipe(preset).methods
        if method not in known:
            raise UserError(
                f"preset {preset!r} has no settings for method {method!r}; it has {', '.join(known)}"
            )
        settings = known[method]
    return override(settings, parse_assignments(assignments))


def _read_reference(folder: Path, protocol: str) -> pd.DataFrame:
    records = read_records(only_records(folder))
    found = ", ".join(sorted(set(records["protocol"])))
    if found != protocol:
        raise UserError(f"--reference {folder} was asked with protocol {found}; expected {protocol}")
    return records


def _check_wordings(records: pd.DataFrame, name: str, items: Sequence[Item]) -> None:
    """Ids are alike in all benchmarks of fictitious people, so wordings have to tell whose they are."""
    asked = {item.question.question_id: item.question.text for item in items}
    before = dict(zip(records["question_id"], records["question"], strict=True))
    shared = asked.keys() & before.keys()
    if not shared or any(asked[one] != before[one] for one in shared):
        raise UserError(f"{name} asked other questions; expected an evaluation on the same benchmark")


@contextmanager
def _benchmark(where: Setting) -> Iterator[Benchmark]:
    """The benchmark, with the display running."""
    with where.display:
        executor = Executor(Store(_CACHE / "stages"), where.display)
        executor.expect(1 + int(where.benchmark == SYNTHETIC))
        with _kept_people() if where.benchmark == SYNTHETIC else nullcontext():
            benchmark = open_benchmark(where.benchmark, SyntheticSettings(), executor)
        yield benchmark


@contextmanager
def _kept_people() -> Iterator[None]:
    """Hold the folder in which the synthetic people are kept for the next command."""
    with locked(_CACHE):
        yield


@contextmanager
def _step(where: Setting, title: str) -> Iterator[tuple[Path, Progress]]:
    if not is_main_process():
        # Of processes that share the questions only the first shows and keeps what all have found.
        with TemporaryDirectory() as unused:
            yield Path(unused), lambda done, total: None
        return
    where.display.begin(title)
    with atomic_folder(where.out) as folder:
        yield folder, where.display.advance
    where.display.end(title)
