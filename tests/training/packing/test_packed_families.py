"""Every supported family learns from packed rows what it learns from rows as they are."""

from __future__ import annotations

import pytest
import torch

from mllmu.models import LoadedModel
from mllmu.training import LoraSettings, TrainingSettings
from mllmu.training.checkpointing import checkpointed
from mllmu.training.packing import packing_trial
from mllmu.training.packing.packing_trial import row_packer
from mllmu.training.packing.row_packer import RowPacker
from mllmu.training.precision import autocast
from mllmu.training.trainability import trainable
from tests.families import FAMILIES, build_family, mllama
from tests.training.packing.asked import assert_same, both_ways, encoded, learned


@pytest.fixture(autouse=True)
def however_little_it_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures in miniature have a few tokens, which would not be worth a trial."""
    monkeypatch.setattr(packing_trial, "LEAST_RATIO", 1.0)


def packer_of(loaded: LoadedModel) -> RowPacker:
    packer = row_packer(loaded, loaded.model, encoded(loaded), "float32")
    assert packer is not None
    return packer


@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@pytest.mark.parametrize("family", FAMILIES)
def test_losses_and_gradients_are_those_of_rows_as_they_are(family: str, training: bool) -> None:
    """Samples with shared pictures of two shapes, text beside them, unequal lengths; no dropout is drawn."""
    loaded = build_family(family)
    packer = packer_of(loaded)
    assert packer.masks.bidirectional_images == (family == "gemma3")
    items = encoded(loaded)
    plain, packed = both_ways(packer, items)
    rows = packed["packed"]["inputs"]["input_ids"]
    assert rows.numel() < sum(len(item) for item in items) < plain["inputs"]["input_ids"].numel()
    loaded.model.train(training)
    assert_same(learned(loaded.model, plain), learned(loaded.model, packed))


def test_families_that_look_at_pictures_by_cross_attention_pack_nothing() -> None:
    loaded = mllama()
    assert row_packer(loaded, loaded.model, encoded(loaded), "float32") is None


@pytest.mark.parametrize("family", ["llava", "gemma3", "qwen2_vl"])
def test_adapters_and_checkpointing_change_nothing(family: str) -> None:
    """Adapters whose B is no longer zero, without dropout, with the layers' states computed again."""
    loaded = build_family(family)
    settings = TrainingSettings(lora=LoraSettings(r=2, dropout=0), precision="float32")
    with trainable(loaded.model, settings, seed=0) as learner:
        for name, weight in learner.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.1)
        packer = row_packer(loaded, learner, encoded(loaded), "float32")
        assert packer is not None
        plain, packed = both_ways(packer, encoded(loaded))
        expected = learned(learner, plain)
        with checkpointed(loaded.model):
            learner.train()
            assert_same(expected, learned(learner, packed))


@pytest.mark.parametrize("family", ["llava", "gemma3"])
def test_bfloat16_rounds_and_no_more(family: str) -> None:
    """Packed answers lie as near to float32's as plain ones; Gemma 3's masks of two kinds are told apart."""
    loaded = build_family(family)
    items = encoded(loaded)
    packer = row_packer(loaded, loaded.model, items, "bfloat16")
    assert packer is not None and packer.masks.bidirectional_images == (family == "gemma3")
    plain, packed = both_ways(packer, items)
    exact = learned(loaded.model, plain)[0].token_log_probs()
    with autocast("bfloat16", loaded.device):
        errors = [
            float((learned(loaded.model, batch)[0].token_log_probs() - exact).abs().mean().detach())
            for batch in (plain, packed)
        ]
    assert 0 < errors[1] < 2 * errors[0]
