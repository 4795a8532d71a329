import pytest
import torch

from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.limits import Limits
from mllmu.inference.prefix_sharing.compatibility_check import sharing_engine
from mllmu.models.packing.trial_prompts import nearest_way
from tests.families import build_family


def branches(loaded):
    return sharing_engine(loaded, Limits.of(loaded), EngineStatistics()) is not None


def test_the_llava_family_branches(loaded):
    assert branches(loaded)


@pytest.mark.parametrize("ignored", ["position_ids", "attention_mask"])
def test_a_model_that_ignores_positions_or_masks_is_found_out(loaded, monkeypatch, ignored):
    """Such a model would give wrong likelihoods without any error."""
    forward = loaded.model.forward

    def careless(*args, **inputs):
        inputs.pop(ignored, None)
        return forward(*args, **inputs)

    monkeypatch.setattr(loaded.model, "forward", careless)
    assert not branches(loaded)


def test_a_model_that_refuses_such_masks_is_found_out(loaded, monkeypatch):
    forward = loaded.model.forward

    def strict(*args, **inputs):
        if inputs["attention_mask"].ndim == 4:
            raise ValueError("expected a mask of two dimensions")
        return forward(*args, **inputs)

    monkeypatch.setattr(loaded.model, "forward", strict)
    assert not branches(loaded)
    assert torch.is_inference_mode_enabled() is False


def test_a_model_that_sees_pictures_in_a_way_of_its_own_is_found_out(loaded, monkeypatch):
    """What is put in place of a picture must be what the model itself makes of it."""
    features = loaded.model.get_image_features

    def other(**vision):
        made = features(**vision)
        made.pooler_output = [part * 1.5 for part in made.pooler_output]
        return made

    monkeypatch.setattr(loaded.model, "get_image_features", other)
    assert not branches(loaded)


@pytest.mark.parametrize("family", ["gemma3", "llava_next", "idefics2"])
def test_the_nearer_attention_is_taken_where_rounding_could_explain_both(family):
    """In bfloat16 Gemma 3 errs by less than the bound without the attention within its images, too."""
    loaded = build_family(family)
    loaded.model.to(torch.bfloat16)
    sharing = sharing_engine(loaded, Limits.of(loaded), EngineStatistics())
    assert sharing.masks.bidirectional_images == (family == "gemma3")


@pytest.mark.parametrize(
    ("errors", "taken"),
    [
        ({False: 0.0175, True: 0.0043}, True),
        ({False: 0.003, True: 0.003}, False),
        ({False: float("nan"), True: 0.004}, True),
        ({False: 0.06, True: 0.07}, None),
        ({}, None),
    ],
)
def test_of_several_ways_the_nearest_that_rounding_explains_is_taken(errors, taken):
    assert nearest_way(errors, torch.bfloat16) is taken
