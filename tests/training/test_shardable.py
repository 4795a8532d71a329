"""Protects what users are told of trainings that FSDP cannot take part in, before a weight changes."""

from __future__ import annotations

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from mllmu.training.sharding.sharded_copy import sharded
from tests.families import mllama
from tests.training.people import changed, people, small_model, weights

pytestmark = pytest.mark.usefixtures("started_for_fsdp")
SAMPLES = training_samples(people(), ["001", "002"], "both")


def assert_refused(loaded: LoadedModel, settings: TrainingSettings, sentence: str) -> None:
    before = weights(loaded)
    with pytest.raises(UserError, match=sentence):
        fine_tune(loaded, SAMPLES, settings, seed=0)
    assert not changed(before, loaded)
    assert all(weight.requires_grad for weight in loaded.model.parameters())


def test_an_old_pytorch_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.distributed.fsdp.FSDPModule, "set_reduce_scatter_unused_params")
    assert_refused(small_model(), TrainingSettings(), r"started for FSDP.* expected torch 2\.13 or newer")


def test_weights_of_few_bits_cannot_be_cut() -> None:
    settings = TrainingSettings(lora=LoraSettings(r=2), frozen_weights="4bit")
    assert_refused(small_model(), settings, "'frozen_weights' is '4bit', .* cannot be sharded; expected null")


def test_a_model_with_cross_attention_is_run_unequally_often() -> None:
    """It stays where it is, and nobody is waited for."""
    loaded = mllama()
    sentence = "reads pictures through cross-attention.* Expected processes without FSDP"
    with pytest.raises(UserError, match=sentence), sharded(loaded, loaded.model):
        pass
    assert not torch.distributed.is_initialized()
