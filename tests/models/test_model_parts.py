import pytest
from torch import nn

from mllmu.errors import UserError
from mllmu.models import module_map
from tests.families import build_family


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
    assert len(parts.vision_mlp_outputs) == 2
    assert all(name.startswith("model.vision_tower.") for name in parts.vision_mlp_outputs)
    assert all(name.endswith(".mlp.fc2") for name in parts.vision_mlp_outputs)


def test_parts_of_every_family(family):
    """Each family names its parts otherwise; some have the projector inside the vision tower."""
    parts = module_map(family.model)
    inside = parts.projector.startswith(f"{parts.vision_tower}.")
    assert inside == ("Qwen" in type(family.model).__name__)
    assert len(parts.layers) == len(parts.mlp_outputs) == 2
    assert len(parts.linear) == 2 * 7
    assert all(name.startswith(f"{parts.language_model}.") for name in parts.linear)
    assert all(family.model.get_submodule(name).in_features == 128 for name in parts.mlp_outputs)
    assert len(parts.vision_mlp_outputs) == 2
    assert all(name.startswith(f"{parts.vision_tower}.") for name in parts.vision_mlp_outputs)
    assert not any(name.startswith(f"{parts.projector}.") for name in parts.vision_mlp_outputs)


def test_a_model_without_parts_is_refused():
    """Nothing is guessed: a mask that matches nothing must not pass in silence."""
    with pytest.raises(UserError, match="No vision tower"):
        module_map(nn.Sequential(nn.Linear(2, 2)))


@pytest.mark.parametrize(
    ("part", "put", "sentence"),
    [
        ("model.multi_modal_projector", None, "No projector was found in the model; expected a module"),
        ("model.language_model", None, "No language model was found in the model; expected a module"),
        (
            "model.language_model.layers",
            nn.Identity(),
            r"No decoder layers were found in 'model\.language_model' of Llava.*; expected a ModuleList",
        ),
        (
            "model.language_model.layers.1.mlp",
            nn.Identity(),
            r"No MLP output was found in 'model\.language_model\.layers\.1'; expected a linear layer that",
        ),
    ],
)
def test_the_part_that_a_model_lacks_is_named(part, put, sentence):
    model = build_family("llava").model
    parent, _, name = part.rpartition(".")
    setattr(model.get_submodule(parent), name, put)
    with pytest.raises(UserError, match=sentence):
        module_map(model)
