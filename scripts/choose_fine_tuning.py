"""Choose how the presets teach vanilla, on people who are never scored.

    python scripts/choose_fine_tuning.py

Makes a development benchmark of other people (``--people-seed``), tries the candidates of
``choose_fine_tuning.yaml`` and prints what is known after each, in per cent of right answers. Settings
of methods are chosen by ``mllmu tune``.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from transformers.utils.logging import disable_progress_bar

from mllmu.benchmark import Benchmark, EvaluationSet, Split
from mllmu.evaluation import STRICT, Item, ask, question_sets, score
from mllmu.inference import TransformersEngine
from mllmu.models import LoadedModel, load_model
from mllmu.study.pipeline.stages.celebrity_replay import replay_of
from mllmu.study.recipe.presets import make_recipe
from mllmu.synthesis import synthesize
from mllmu.training import TrainingSettings, fine_tune, training_samples

BASE = "tiny"
RATIO = 10
PEOPLE_PER_SET = 20
SHOWN = {
    "classification": "option_likelihood_accuracy",
    "cloze": "cloze_contains",
    "generation": "generation_contains",
}


def development_benchmark(profiles: int, seed: int) -> Benchmark:
    """Small portraits of people whom no preset asks about."""
    return synthesize(
        profiles, 30, 10, seed, image_size=96, test_image_size=96, test_views=1, ratios=(RATIO,)
    )


def asked_of(benchmark: Benchmark, split: Split) -> list[Item]:
    """All questions about the forget people, and about a few of each other set."""
    chosen: list[Item] = []
    for items in question_sets(benchmark, split).values():
        people = sorted({item.question.profile_id for item in items})
        some = set(random.Random(0).sample(people, min(PEOPLE_PER_SET, len(people))))
        chosen += [item for item in items if item.question.profile_id in some]
    return chosen


def report(loaded: LoadedModel, items: list[Item], title: str, seconds: float) -> None:
    """One line of right answers per set: image classification/cloze/generation | text the same."""
    scores = score(ask(TransformersEngine(loaded), items, STRICT))
    line = []
    for eval_set in EvaluationSet:
        cells = []
        for modality in ("image_text", "text"):
            values = []
            for task, metric in SHOWN.items():
                row = scores[
                    (scores.eval_set == eval_set.value)
                    & (scores.modality == modality)
                    & (scores.task == task)
                    & (scores.metric == metric)
                ]
                values.append(f"{row.value.iloc[0]:3.0f}" if len(row) else "  -")
            cells.append(" ".join(values))
        line.append(f"{eval_set.value[:4]} {'|'.join(cells)}")
    print(f"{title:58} {seconds:4.0f}s  " + "  ".join(line), flush=True)


def grid(candidates: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination of the listed values."""
    for values in itertools.product(*candidates.values()):
        yield dict(zip(candidates, values, strict=True))


def teach(
    benchmark: Benchmark, ids: tuple[str, ...], settings: TrainingSettings
) -> tuple[LoadedModel, float]:
    """A fine-tuned base and the seconds it took."""
    loaded = load_model(BASE)
    started = time.monotonic()
    samples = training_samples(benchmark, ids, "both")
    fine_tune(loaded, samples, settings, seed=0, replay=replay_of(settings, 0))
    return loaded, time.monotonic() - started


def try_fine_tuning(benchmark: Benchmark, candidates: list[dict[str, list[Any]]]) -> None:
    """Teach everybody with every candidate."""
    items = asked_of(benchmark, benchmark.splits[RATIO])
    base = make_recipe("quick").fine_tuning.model_dump()
    for changes in itertools.chain.from_iterable(grid(one) for one in candidates):
        loaded, seconds = teach(benchmark, tuple(benchmark.profiles), TrainingSettings(**{**base, **changes}))
        report(loaded, items, str(changes), seconds)


def main() -> None:
    """Try what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profiles", type=int, default=100)
    parser.add_argument("--people-seed", type=int, default=1001)
    parser.add_argument("--candidates", type=Path, default=Path(__file__).with_suffix(".yaml"))
    arguments = parser.parse_args()
    disable_progress_bar()
    candidates = yaml.safe_load(arguments.candidates.read_text(encoding="utf-8"))
    try_fine_tuning(development_benchmark(arguments.profiles, arguments.people_seed), candidates)


if __name__ == "__main__":
    main()
