import pytest
from torch import nn

from mllmu.errors import UserError
from mllmu.models import module_map


def test_parts_of_llava(loaded):
    """LoRA and pruning act on what this names; the vision tower must not be in it."""
    parts = module_map(loaded.model)
    assert parts.vision_tower == "model.vision_tower"
    assert parts.projector == "model.multi_modal_projector"
    assert parts.language_model == "model.language_model"
    assert parts.layers == ("model.language_model.layers.0", "model.language_model.layers.1")
    assert len(parts.linear) == 2 * 7
    assert not any("vision" in name for name in parts.linear)
    assert parts.mlp_outputs[1] == "model.language_model.layers.1.mlp.down_proj"


def test_a_model_without_parts_is_refused():
    """Nothing is guessed: a mask that matches nothing must not pass in silence."""
    with pytest.raises(UserError, match="No vision tower"):
        module_map(nn.Sequential(nn.Linear(2, 2)))
