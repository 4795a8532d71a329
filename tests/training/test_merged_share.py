"""Protects: what merging adapters into weights of few bits rounds away is told."""

from __future__ import annotations

import logging

import pytest
import torch

from mllmu.training.settings import LoraSettings, TrainingSettings
from mllmu.training.trainability import trainable
from tests.training.people import small_model

SETTINGS = TrainingSettings(lora=LoraSettings(r=2, alpha=2))


@pytest.mark.parametrize(
    ("dtype", "size", "is_told"),
    [(torch.bfloat16, 1e-5, True), (torch.bfloat16, 1.0, False), (torch.float32, 1e-5, False)],
)
def test_small_changes_are_lost_in_bfloat16(
    dtype: torch.dtype, size: float, is_told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A ten-thousandth of a weight is below half a step of bfloat16, which is 1/512 of it."""
    loaded = small_model(layers=1)
    loaded.model.to(dtype)
    before = {name: weight.clone() for name, weight in loaded.model.named_parameters()}
    with (
        caplog.at_level(logging.WARNING, "mllmu"),
        trainable(loaded.model, SETTINGS, seed=0) as learner,
        torch.no_grad(),
    ):
        for name, weight in learner.named_parameters():
            if "lora_B" in name:
                weight.fill_(size)
    assert ("% is left in the weights of few bits" in caplog.text) is is_told
    changed = [name for name, weight in loaded.model.named_parameters() if not weight.equal(before[name])]
    assert changed or is_told


def test_the_share_is_that_of_the_change(caplog: pytest.LogCaptureFixture) -> None:
    """Adapters that learned nothing have nothing to lose."""
    loaded = small_model(layers=1)
    loaded.model.to(torch.bfloat16)
    with caplog.at_level(logging.WARNING, "mllmu"), trainable(loaded.model, SETTINGS, seed=0):
        pass
    assert not caplog.records
