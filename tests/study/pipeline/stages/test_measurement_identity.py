"""Protects: what was measured of a finished run's models is measured anew when what measures it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllmu.benchmark import Split
from mllmu.study.depth.depth_stage import depth_stage
from mllmu.study.pipeline.execution.stage_store import Made, Stage
from mllmu.study.pipeline.opened_recipe import OpenedRecipe
from mllmu.study.pipeline.stages.model_family import model_identity
from mllmu.study.recipe.recipe_settings import Recipe
from mllmu.study.recoverability.probe_stage import probe_stage
from tests.edited_source import edit
from tests.training.people import people

MODEL = Made(Path("model"), {"fingerprint": "weights"})
BENCHMARK = people()


@pytest.fixture
def stages(random_model_folder: Path) -> dict[str, Stage]:
    return made(random_model_folder)


def made(model: Path) -> dict[str, Stage]:
    recipe = {"model": str(model), "methods": ["npo"], "forget_ratios": [20], "benchmark": "toy"}
    opened = OpenedRecipe(Recipe.model_validate(recipe), BENCHMARK, "cpu")
    ids = tuple(BENCHMARK.profiles)
    split = Split(20, ids[:1], ids[1:])
    sample = {"people": 1, "questions": 1, "seed": 0}
    return {
        "probes": probe_stage("probe", opened, MODEL, split, 1, 0),
        "depth": depth_stage("depth", opened, MODEL, MODEL, split, sample),
    }


@pytest.mark.parametrize(
    ("file", "anew"),
    [
        ("evaluation/metrics/containment.py", {"probes"}),  # says which answers are right
        ("evaluation/recoverability/probes.py", {"probes"}),
        ("unlearning/neurons/activations.py", {"depth"}),  # says what stands in one batch
        ("evaluation/depth/patching.py", {"depth"}),
        ("models/model_parts.py", {"probes", "depth"}),
        ("report/write.py", set()),
    ],
)
def test_what_measures_counts(
    random_model_folder: Path,
    stages: dict[str, Stage],
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    anew: set[str],
) -> None:
    edit(monkeypatch, file)
    after = made(random_model_folder)
    assert {name for name in stages if after[name].hash != stages[name].hash} == anew


def test_wrappers_of_other_packages_tell_models_apart() -> None:
    """Fingerprints hold what such a wrapper is given, and not what it does with it."""
    facts = {"fingerprint": "w"}
    assert model_identity(Made(Path("model"), facts)) == "w", "found as ever"
    assert model_identity(Made(Path("model"), {**facts, "wrappers": "1"})) == "w 1"
