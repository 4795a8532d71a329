"""Protects the neurons of MLPs: which weights are theirs in every family, and how many are chosen."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.unlearning.neurons.mlp_neurons import Mlp, language_mlps, most_important, silence, vision_mlps
from tests.families import FAMILIES, build_family
from tests.training.people import small_model


@pytest.fixture(scope="module", params=["llava", "gemma3", "qwen2_5_vl"])
def family(request: Any) -> LoadedModel:
    """Families whose MLPs differ: a gate or none, biases or none, before and in the vision tower."""
    assert request.param in FAMILIES
    return build_family(request.param)


def test_neurons_of_every_family(family: LoadedModel) -> None:
    language, vision = language_mlps(family.model), vision_mlps(family.model)
    assert [mlp.neurons for mlp in language] == [128, 128]
    # LLaVA does not read its tower's last layer.
    assert [mlp.neurons for mlp in vision] == [64] * (
        1 if type(family.model).__name__.startswith("Llava") else 2
    )
    assert all(len(mlp.inputs) == 2 for mlp in language)
    has_gate = "Qwen2_5" in type(family.model).__name__
    assert all(len(mlp.inputs) == (2 if has_gate else 1) for mlp in vision)


def test_a_silenced_neuron_adds_nothing_and_the_others_stay(family: LoadedModel) -> None:
    """Against the output without the neuron's own addend, worked out from its activation."""
    mlp = vision_mlps(family.model)[0]
    down = family.model.get_submodule(mlp.output)
    parent: nn.Module = family.model.get_submodule(mlp.output.rpartition(".")[0])
    reads: list[torch.Tensor] = []
    handle = down.register_forward_pre_hook(lambda module, inputs: reads.append(inputs[0]))
    hidden = torch.randn(5, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = parent(hidden)
        addends = reads[0][:, [3, 7]] @ down.weight[:, [3, 7]].T
        silence(family.model, mlp, torch.tensor([3, 7]))
        after = parent(hidden)
    handle.remove()
    assert addends.abs().max() > 0.01
    assert not reads[1][:, [3, 7]].any()
    torch.testing.assert_close(after, before - addends)


def test_what_a_neuron_owns() -> None:
    """Row 1 of either matrix before it, with its bias, and column 1 after it; a fused layer has two rows."""
    up, gate, down = nn.Linear(2, 3), nn.Linear(2, 6, bias=False), nn.Linear(3, 2)
    model = nn.ModuleDict({"up": up, "gate": gate, "down": down})
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    mlp = Mlp(("up", "gate"), "down", 3)
    silence(model, mlp, torch.tensor([1]))
    assert model["up"].weight.tolist() == [[1, 1], [0, 0], [1, 1]]
    assert model["up"].bias.tolist() == [1, 0, 1]
    assert model["gate"].weight[:, 0].tolist() == [1, 0, 1, 1, 0, 1]
    assert model["down"].weight.tolist() == [[1, 0, 1], [1, 0, 1]]
    assert model["down"].bias.tolist() == [1, 1]
    assert set(mlp.parameters(model)) == {"up.weight", "up.bias", "gate.weight", "down.weight"}


def test_neurons_are_ranked_over_all_layers_together() -> None:
    """Half of six: 9, 8 and 7; all of them may lie in one layer, and ties go to the first."""
    layers = most_important([torch.tensor([1.0, 9.0, 0.0]), torch.tensor([7.0, 2.0, 8.0])], 0.5)
    assert [each.tolist() for each in layers] == [[1], [0, 2]]
    assert [each.tolist() for each in most_important([torch.zeros(2), torch.zeros(2)], 0.5)] == [[0, 1], []]
    with pytest.raises(UserError, match=r"share of 0.1 of 4 neurons is none"):
        most_important([torch.zeros(4)], 0.1)


def test_an_mlp_that_nothing_feeds_is_named() -> None:
    model = small_model().model
    model.model.language_model.layers[0].mlp.gate_proj = nn.Identity()
    model.model.language_model.layers[0].mlp.up_proj = nn.Identity()
    with pytest.raises(UserError, match=r"feeds the neurons of '.*layers.0.mlp.down_proj'.* 96 outputs"):
        language_mlps(model)
