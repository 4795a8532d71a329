"""The kinds of work a study consists of, each with everything that can change its result.

A ``*_VERSION`` is raised whenever the code behind a kind of stage comes to give other results for the same
ingredients; results of the old code are then made anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from mllmu.benchmark import Benchmark, Split, write_benchmark
from mllmu.evaluation import Item, ask, get_protocol, read_records, score, write_records
from mllmu.inference import TransformersEngine
from mllmu.progress import Progress
from mllmu.study.family import ModelFamily, keep_model, model_folder
from mllmu.study.frames import write_table
from mllmu.study.questions import records_of_split
from mllmu.study.recipe import SyntheticSettings
from mllmu.study.store import Made, Stage
from mllmu.synthesis import synthesize
from mllmu.training import TrainingModality, TrainingSettings, fine_tune, training_samples
from mllmu.training.precision import uses_bfloat16
from mllmu.unlearning import get_method, unlearn

SYNTHESIS_VERSION = 1
FINE_TUNING_VERSION = 2
UNLEARNING_VERSION = 2
ASKING_VERSION = 3
SCORING_VERSION = 2

BENCHMARK_FOLDER = "benchmark"
RECORDS_FILE = "records.parquet"
SCORES_FILE = "scores.parquet"


def synthesis_stage(settings: SyntheticSettings) -> Stage:
    """Make fictitious people and write them in the released layout."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        # Splits are drawn by whoever needs them: written out, each would repeat every portrait.
        benchmark = synthesize(**settings.model_dump(), ratios=(), progress=progress)
        write_benchmark(benchmark, folder / BENCHMARK_FOLDER)
        return {"fingerprint": benchmark.fingerprint}

    people = settings.profiles + settings.celebrities + settings.holdout
    return Stage("synthesis", f"make {people} people", SYNTHESIS_VERSION, settings.model_dump(), make)


def fine_tuning_stage(
    title: str,
    family: ModelFamily,
    benchmark: Benchmark,
    profile_ids: Sequence[str],
    settings: TrainingSettings,
    seed: int,
) -> Stage:
    """Teach the base model some people, with their faces and by their names."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        samples = training_samples(benchmark, profile_ids, "both")
        return keep_model(fine_tune(family.load(family.base), samples, settings, seed, progress), folder)

    ingredients = {
        "benchmark": benchmark.fingerprint,
        "base": family.fingerprint,
        "profile_ids": list(profile_ids),
        "settings": settings.model_dump(mode="json"),
        "bfloat16": uses_bfloat16(settings.precision, torch.device(family.device)),
        # Rehearsal is about people of the generator, whom a benchmark's fingerprint does not know.
        "rehearsed": SYNTHESIS_VERSION if settings.rehearsal else None,
        "seed": seed,
        "device": family.device,
    }
    return Stage("fine_tuning", title, FINE_TUNING_VERSION, ingredients, make)


@dataclass(frozen=True)
class UnlearningOrder:
    """How to forget.

    Attributes:
        method: name of the method.
        modality: what it unlearns on: ``image_text``, ``text`` or ``both``.
        settings: the method's settings, complete.
        seed: of everything it draws.
    """

    method: str
    modality: TrainingModality
    settings: Mapping[str, Any]
    seed: int


def unlearning_stage(
    family: ModelFamily, vanilla: Made, benchmark: Benchmark, split: Split, order: UnlearningOrder
) -> Stage:
    """Make the vanilla model forget a split's forget people."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        loaded = family.load(model_folder(vanilla.folder))
        unlearned = unlearn(
            order.method, loaded, benchmark, split, order.modality, order.settings, order.seed, progress
        )
        return keep_model(unlearned, folder)

    ingredients = {
        "benchmark": benchmark.fingerprint,
        "vanilla": vanilla.facts["fingerprint"],
        "forget": list(split.forget),
        "retain": list(split.retain),
        "method": order.method,
        # Whoever corrects a loss wants to see what it does, not what the old one did.
        "code": sha256(Path(inspect.getfile(get_method(order.method))).read_bytes()).hexdigest(),
        "modality": order.modality,
        "settings": dict(order.settings),
        # Which one "auto" means is the machine's business, and a run may go on on another machine.
        "bfloat16": uses_bfloat16(order.settings.get("precision", "float32"), torch.device(family.device)),
        "seed": order.seed,
        "device": family.device,
    }
    how = f"{order.method} on {order.modality} (seed {order.seed})"
    title = f"unlearn {split.forget_ratio} % with {how}"
    return Stage("unlearning", title, UNLEARNING_VERSION, ingredients, make)


def asking_stage(
    title: str, family: ModelFamily, model: Made, benchmark: Benchmark, items: Sequence[Item], protocol: str
) -> Stage:
    """Ask one model questions and keep everything it answers."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        loaded = family.load(model_folder(model.folder))
        records = ask(TransformersEngine(loaded), items, get_protocol(protocol), progress)
        write_records(records, folder / RECORDS_FILE)
        return {"questions": len(records)}

    ingredients = {
        "benchmark": benchmark.fingerprint,
        "family": family.fingerprint,
        "model": model.facts["fingerprint"],
        "items": _digest([str(item.key) for item in items]),
        "protocol": protocol,
        "device": family.device,
    }
    return Stage("asking", title, ASKING_VERSION, ingredients, make)


def scoring_stage(title: str, asking: Stage, asked: Made, items: Sequence[Item], seed: int) -> Stage:
    """Assign one model's records to the sets of one split, and score them."""

    def make(folder: Path, progress: Progress) -> Mapping[str, Any]:
        records = records_of_split(read_records(asked.folder / RECORDS_FILE), items)
        write_records(records, folder / RECORDS_FILE)
        scores: pd.DataFrame = score(records, seed)
        write_table(scores, folder / SCORES_FILE)
        return {"scores": len(scores)}

    ingredients = {
        "asking": asking.hash,
        "items": _digest([f"{item.eval_set.value} {item.key}" for item in items]),
        "seed": seed,
    }
    return Stage("scoring", title, SCORING_VERSION, ingredients, make)


def _digest(lines: Sequence[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
