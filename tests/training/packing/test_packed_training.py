"""A whole training ends with the same weights, packed or not, whatever its loss reads."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from mllmu.training.packing import packing_trial, row_packer
from mllmu.unlearning import unlearn
from tests.training.people import people, people_with_values, small_model, weights

PLAIN = {"precision": "float32", "optimizer": "sgd", "batch_size": 4, "learning_rate": 0.5}


def trained(monkeypatch: pytest.MonkeyPatch, least: float, train: Any) -> tuple[dict[str, torch.Tensor], int]:
    """Weights after a training in which packing begins at some ratio, and the batches that were packed."""
    count = 0
    pack = row_packer.RowPacker.pack

    def counted(self: Any, items: Any, groups: Any) -> Any:
        nonlocal count
        count += 1
        return pack(self, items, groups)

    with monkeypatch.context() as patch:
        for module in (packing_trial, row_packer):
            patch.setattr(module, "LEAST_RATIO", least)
        patch.setattr(row_packer.RowPacker, "pack", counted)
        loaded = small_model()
        train(loaded)
    return weights(loaded), count


def assert_trained_alike(monkeypatch: pytest.MonkeyPatch, train: Any) -> None:
    """However little packing saves, and however much it would have to."""
    packed, many = trained(monkeypatch, 1.01, train)
    plain, none = trained(monkeypatch, 99.0, train)
    # Two batches are the trial's.
    assert many > 4 and none == 0
    before = weights(small_model())
    change = max(float((plain[name] - before[name]).abs().max()) for name in before)
    assert change > 1e-4
    for name, weight in plain.items():
        assert float((packed[name] - weight).abs().max()) < 1e-2 * change, name


@pytest.mark.parametrize("lora", [None, LoraSettings(r=2, dropout=0)], ids=["whole", "adapters"])
def test_fine_tuning(monkeypatch: pytest.MonkeyPatch, lora: LoraSettings | None) -> None:
    settings = TrainingSettings(max_steps=10, questions_per_image=2, lora=lora, **PLAIN)

    def train(loaded: LoadedModel) -> None:
        fine_tune(loaded, training_samples(people(), ["001", "002", "003"], "both"), settings, seed=0)

    assert_trained_alike(monkeypatch, train)


@pytest.mark.parametrize("method", ["grad_diff", "npo", "kl_min", "altpo", "rmu", "scrub", "null_space"])
def test_unlearning(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Losses of likelihoods, of distributions, of other answers, of states, and of what hooks keep."""
    benchmark = people_with_values()
    settings = {**PLAIN, "learning_rate": 0.01, "passes": 8, "questions_per_image": 2}

    def train(loaded: LoadedModel) -> None:
        unlearn(method, loaded, benchmark, benchmark.splits[20], "both", settings, seed=0)

    assert_trained_alike(monkeypatch, train)
