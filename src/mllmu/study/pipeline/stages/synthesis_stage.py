"""The stage that makes fictitious people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mllmu.benchmark import write_benchmark
from mllmu.progress import Progress
from mllmu.source_digest import source_digest
from mllmu.study.pipeline.execution.stage_store import Stage, Workplace
from mllmu.study.recipe.recipe_settings import SyntheticSettings
from mllmu.synthesis import synthesize

BENCHMARK_FOLDER = "benchmark"


def synthesis_stage(settings: SyntheticSettings) -> Stage:
    """Make fictitious people and write them in the released layout."""

    def make(workplace: Workplace, progress: Progress) -> Mapping[str, Any]:
        # Splits are drawn by whoever needs them: written out, each would repeat every portrait.
        benchmark = synthesize(**settings.model_dump(), ratios=(), progress=progress)
        write_benchmark(benchmark, workplace.folder / BENCHMARK_FOLDER)
        return {"fingerprint": benchmark.fingerprint}

    people = settings.profiles + settings.celebrities + settings.holdout
    code = source_digest("mllmu.benchmark", "mllmu.synthesis", __name__)
    return Stage("synthesis", f"make {people} people", code, settings.model_dump(), make, work=people)
