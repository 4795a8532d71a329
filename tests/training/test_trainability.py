"""Which weights learn where the projector is a module inside the vision tower, as in Qwen2.5-VL."""

from __future__ import annotations

import itertools

import pytest

from mllmu.models import LoadedModel, module_map
from mllmu.training.settings import LoraSettings, TrainingSettings
from mllmu.training.trainability import learned_parameters, trainable
from tests.families import build_family


@pytest.fixture(scope="module")
def qwen() -> LoadedModel:
    return build_family("qwen2_5_vl")


@pytest.mark.parametrize("lora", [None, LoraSettings(r=2)], ids=["full", "lora"])
@pytest.mark.parametrize(("vision", "projector"), list(itertools.product((False, True), repeat=2)))
def test_a_projector_inside_the_vision_tower_has_its_own_switch(
    qwen: LoadedModel, vision: bool, projector: bool, lora: LoraSettings | None
) -> None:
    """Freezing the tower after the projector would freeze both, and image features could not adapt."""
    parts = module_map(qwen.model)
    settings = TrainingSettings(train_vision=vision, train_projector=projector, lora=lora)
    original = {name: parameter for name, parameter in qwen.model.named_parameters()}
    of_projector = {name for name in original if name.startswith("model.visual.merger.")}
    of_vision = {name for name in original if name.startswith("model.visual.")} - of_projector
    assert of_projector and of_vision and parts.projector == "model.visual.merger"

    with trainable(qwen.model, settings, seed=0):
        learning = {name for name, parameter in original.items() if parameter.requires_grad}
    assert learning & of_projector == (of_projector if projector else set())
    assert learning & of_vision == (of_vision if vision else set())

    declared = learned_parameters(qwen.model, settings)
    assert declared & of_projector == learning & of_projector
    assert declared & of_vision == learning & of_vision
