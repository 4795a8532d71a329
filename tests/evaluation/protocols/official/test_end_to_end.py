"""Protects fidelity as a whole: the command against a plain loop over the same files."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from mllmu.benchmark import write_benchmark
from mllmu.cli import app
from mllmu.models import load_model, save_model

from .people import BENCHMARK
from .plain_script import plain_script

SEED = 3


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """People in the released layout, and the built-in model, which has learned to answer such prompts."""
    here = tmp_path_factory.mktemp("official")
    save_model(load_model("tiny", "cpu"), here / "model")
    write_benchmark(BENCHMARK, here / "people")
    return here


@pytest.fixture(scope="module")
def evaluated(folders):
    options = ["--benchmark", "people", "--model", "model", "--forget", "60", "--protocol", "official"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folders)
        result = CliRunner().invoke(
            app, ["evaluate", *options, "--seed", str(SEED), "--device", "cpu", "--out", "asked"]
        )
    assert result.exit_code == 0, result.output
    return folders / "asked"


@pytest.fixture(scope="module")
def expected(folders):
    return plain_script(folders / "model", folders / "people", 60, SEED)


def test_the_answers_are_those_of_the_plain_loop(evaluated, expected):
    for mode in ("forget", "test", "retain_shared", "retain_celebrity"):
        found = json.loads((evaluated / f"{mode}_generation_results.json").read_text())[
            "Generation_Questions"
        ]
        assert [tuple(entry.values()) for entry in found] == expected.generations[mode]
    assert len({said for answers in expected.generations.values() for *_, said, _ in answers}) > 10


def test_correct_and_total_are_those_of_the_plain_loop(evaluated, expected):
    modes = {"forget": "forget", "test": "test", "retain": "retain_shared", "celebrity": "retain_celebrity"}
    results = pd.read_parquet(evaluated / "results.parquet")
    asked = results[results.metric.isin(["letter_accuracy", "cloze_contains"]) & results.eval_set.isin(modes)]
    found = {
        (modes[row.eval_set], row.task, row.modality == "image_text"): (row.n, round(row.n * row.value / 100))
        for row in asked.itertuples()
    }
    assert found == {key: (len(right), sum(right)) for key, right in expected.tallies.items()}
    assert 0 < sum(right for _, right in found.values()) < sum(n for n, _ in found.values())


def test_who_demonstrated_is_kept(evaluated):
    kept = json.loads((evaluated / "demonstrators.json").read_text())
    assert [len(kept["forget"][task]["people"]) for task in ("classification", "generation", "cloze")] == [
        1,
        0,
        2,
    ]
    assert (evaluated / "model-forget60-seed0_final_evaluation_results.json").is_file()
