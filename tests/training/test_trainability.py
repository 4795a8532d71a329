"""Protects the choice of the weights that learn."""

from __future__ import annotations

import pytest
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from mllmu.models import module_map
from mllmu.training import LoraSettings, OptimizationSettings
from mllmu.training.trainability import trainable

TEXT = {
    "vocab_size": 32,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
}
VISION = {"depth": 1, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32}


@pytest.mark.parametrize("lora", [None, LoraSettings(r=2)], ids=["full", "lora"])
@pytest.mark.parametrize("train_vision", [False, True])
@pytest.mark.parametrize("train_projector", [False, True])
def test_a_projector_inside_the_vision_tower_has_its_own_setting(
    train_projector: bool, train_vision: bool, lora: LoraSettings | None
) -> None:
    """In Qwen2.5-VL the projector lies inside the vision tower, whose setting must not decide for it."""
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=TEXT, vision_config=VISION))
    parts = module_map(model)
    assert parts.projector.startswith(f"{parts.vision_tower}.")
    projector = set(model.get_submodule(parts.projector).parameters())
    tower = set(model.get_submodule(parts.vision_tower).parameters()) - projector
    settings = OptimizationSettings(train_projector=train_projector, train_vision=train_vision, lora=lora)
    with trainable(model, settings, seed=0):
        assert {parameter.requires_grad for parameter in projector} == {train_projector}
        assert {parameter.requires_grad for parameter in tower} == {train_vision}
