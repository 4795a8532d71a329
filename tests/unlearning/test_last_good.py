"""Protects what is left of a training that diverged: the model as it was before the step that did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from mllmu.benchmark import write_benchmark
from mllmu.cli import app
from mllmu.errors import DivergedError
from mllmu.models import load_model
from mllmu.training import TrainingSettings, Upkeep, fine_tune, training_samples
from mllmu.unlearning import Step, unlearn
from mllmu.unlearning.methods.npo import NPO
from tests.training.people import people, small_model

BENCHMARK = people()
SPLIT = BENCHMARK.splits[20]
QUICK: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 2, "precision": "float32", "passes": 2}
LORA = {"lora": {"r": 2, "alpha": 4, "dropout": 0.0}}


@pytest.fixture
def diverging(monkeypatch: pytest.MonkeyPatch) -> None:
    """NPO has no number for a loss in its third step."""
    loss = NPO.loss

    def diverges(self: NPO, step: Step) -> torch.Tensor:
        return loss(self, step) * (float("nan") if step.moment.number == 2 else 1.0)

    monkeypatch.setattr(NPO, "loss", diverges)


@pytest.mark.usefixtures("diverging")
@pytest.mark.parametrize("how", [{}, LORA], ids=["full", "adapters"])
def test_the_model_before_the_step_loads_like_any_other(how: dict[str, Any], tmp_path: Path) -> None:
    """It has moved, and is what two steps make; nothing is kept of a training without states."""
    loaded, start = small_model(), small_model().fingerprint
    states = tmp_path / "state"
    with pytest.raises(DivergedError, match="in step 3 of 4 its loss is nan") as told_where:
        unlearn("npo", loaded, BENCHMARK, SPLIT, "both", {**QUICK, **how}, 0, upkeep=Upkeep(states))
    folder = states / "last-good"
    assert f"before that step is kept in {folder}." in str(told_where.value)
    assert load_model(folder, "cpu").fingerprint == loaded.fingerprint != start
    with pytest.raises(DivergedError) as told_nothing:
        unlearn("npo", small_model(), BENCHMARK, SPLIT, "both", {**QUICK, **how}, 0)
    assert "kept" not in str(told_nothing.value)


def test_weights_that_are_no_numbers_are_not_kept(tmp_path: Path) -> None:
    """They would be taken for good ones."""
    loaded = small_model()
    with torch.no_grad():
        loaded.model.lm_head.weight[0, 0] = float("nan")
    samples = training_samples(BENCHMARK, ["001"], "text")
    settings = TrainingSettings(epochs=1, batch_size=2, precision="float32")
    with pytest.raises(DivergedError, match=r"or max_grad_norm, or a shorter training\.$"):
        fine_tune(loaded, samples, settings, 0, upkeep=Upkeep(tmp_path / "state"))
    assert not (tmp_path / "state" / "last-good").exists()


@pytest.mark.usefixtures("diverging")
def test_the_command_says_where_it_is(random_model_folder: Path, tmp_path: Path) -> None:
    """Exit code 2, no result, and a model that can be asked."""
    write_benchmark(BENCHMARK, tmp_path / "people")
    arguments = ["unlearn", "npo", "--model", random_model_folder, "--benchmark", tmp_path / "people"]
    arguments += ["--forget", 20, "--device", "cpu", "--out", tmp_path / "npo"]
    for name, value in QUICK.items():
        arguments += ["--set", f"{name}={value}"]
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == 2 and not (tmp_path / "npo").exists()
    (folder,) = tmp_path.glob(".npo-unfinished-*/state/last-good")
    assert f"kept in {folder}." in result.output.replace("\n", "")
    assert load_model(folder, "cpu").fingerprint != load_model(random_model_folder, "cpu").fingerprint
