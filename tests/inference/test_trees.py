import pytest
import torch

from mllmu.inference.trees import attends_along_trees


def test_the_llava_family_attends_along_trees(loaded):
    assert attends_along_trees(loaded)


@pytest.mark.parametrize("ignored", ["position_ids", "attention_mask"])
def test_a_model_that_ignores_positions_or_masks_is_found_out(loaded, monkeypatch, ignored):
    """Such a model would give wrong likelihoods without any error."""
    forward = loaded.model.forward

    def careless(*args, **inputs):
        inputs.pop(ignored, None)
        return forward(*args, **inputs)

    monkeypatch.setattr(loaded.model, "forward", careless)
    assert not attends_along_trees(loaded)


def test_a_model_that_refuses_such_masks_is_found_out(loaded, monkeypatch):
    forward = loaded.model.forward

    def strict(*args, **inputs):
        if inputs["attention_mask"].ndim == 4:
            raise ValueError("expected a mask of two dimensions")
        return forward(*args, **inputs)

    monkeypatch.setattr(loaded.model, "forward", strict)
    assert not attends_along_trees(loaded)
    assert torch.is_inference_mode_enabled() is False
