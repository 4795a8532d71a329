"""Fixtures: the made-up run of ``world``, in memory and as a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from mllmu.benchmark.types import Benchmark
from tests.report.world import METHODS, make_person_scores, make_records, make_results
from tests.report.world_people import make_benchmark


@pytest.fixture(scope="session")
def results() -> pd.DataFrame:
    """Two forget ratios, three ways of unlearning, five methods."""
    return make_results()


@pytest.fixture(scope="session")
def person_scores(results: pd.DataFrame) -> pd.DataFrame:
    """The same, person by person: 5 and 10 people to forget."""
    return make_person_scores(results)


@pytest.fixture(scope="session")
def benchmark() -> Benchmark:
    """Twenty fictitious people, three celebrities, two held out."""
    return make_benchmark()


@pytest.fixture
def run_folder(tmp_path: Path, benchmark: Benchmark) -> Path:
    """A finished run: one forget ratio, unlearned on both."""
    return lay_out_run(tmp_path / "run", benchmark)


def lay_out_run(folder: Path, benchmark: Benchmark, methods: Sequence[str] = METHODS) -> Path:
    """Write what a finished run leaves but its report: one forget ratio, unlearned on both."""
    records = folder / "records"
    records.mkdir(parents=True)
    results = make_results(ratios=(10,), unlearned_on=("both",), methods=methods)
    results.to_parquet(folder / "results.parquet")
    make_person_scores(results).to_parquet(folder / "person_scores.parquet")
    models = [
        ("vanilla", "", ""),
        ("retrained", "", ""),
        *(("unlearned", method, "both") for method in methods),
    ]
    for model, method, on in models:
        stem = "-".join(part for part in (method or model, on, "forget10", "seed0") if part)
        make_records(benchmark, 10, model, method, on).to_parquet(records / f"{stem}.parquet")
    (folder / "recipe.yaml").write_text("benchmark: synthetic\nmodel: tiny\n", encoding="utf-8")
    for index, (kind, seconds) in enumerate((("fine_tuning", 61.0), ("fine_tuning", 59.0), ("asking", 4.26))):
        stage = folder / "stages" / f"{index:020d}"
        stage.mkdir(parents=True)
        manifest = {
            "kind": kind,
            "title": f"{kind} {index}",
            "seconds": seconds,
            "peak_memory_mb": 1024 * (index + 1),
            "versions": {"torch": "2.13.0"},
        }
        (stage / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
