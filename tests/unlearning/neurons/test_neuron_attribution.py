"""Protects attribution: sums by hand, and that a layer's neurons together account for what they do."""

from __future__ import annotations

import pytest
import torch

from mllmu.models import collate
from mllmu.training import SampleDataset
from mllmu.training.trainers.answer_logits import answer_logits
from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps
from mllmu.unlearning.neurons.neuron_attribution import (
    ActivationPath,
    activation_path,
    integrated_gradients,
    integrated_squared_gradients,
)
from tests.unlearning.taught_model import FORGET, taught_model

# Two steps, one position, two neurons with the activations 2 and -1.
PATH = ActivationPath(torch.tensor([[2.0, -1.0]]), torch.tensor([[[1.0, 0.0]], [[3.0, 4.0]]]), 0.0)


def test_integrated_gradients() -> None:
    """Mean gradients 2 and 2: 2 * 2 = 4 and -1 * 2 = -2; with 0.5 of earlier layers 2 * 2.5 and -1 * 2.5."""
    assert integrated_gradients(PATH, torch.zeros(1)).tolist() == [4, -2]
    assert integrated_gradients(PATH, torch.tensor([0.5])).tolist() == [5, -2.5]


def test_integrated_squared_gradients() -> None:
    """(1 + 9) / 2 = 5 and (0 + 16) / 2 = 8; the sign of a gradient is no matter, nor is the activation."""
    assert integrated_squared_gradients(PATH).tolist() == [5, 8]


def test_neurons_together_account_for_what_they_do_to_the_answer() -> None:
    """Of many steps the gradients times the activations add up to the answer's gain over silent neurons."""
    loaded = taught_model()
    item = SampleDataset(loaded, FORGET)[0]
    batch = collate([item], loaded.encoder.pad_id, side="right")
    mlp = language_mlps(loaded.model)[1]
    positions = item.answer_mask.roll(-1)
    path = activation_path(loaded.model, mlp.output, batch, lambda count: positions, steps=64)
    with torch.no_grad():
        gain = answer_logits(loaded.model, batch).token_log_probs().sum() / positions.sum() - path.score
    total = (path.activations * path.gradients.mean(dim=0)).sum()
    assert abs(gain) > 1e-3
    assert total.item() == pytest.approx(float(gain), rel=0.1)


def test_the_towers_neurons_have_gradients_too() -> None:
    loaded = taught_model()
    item = SampleDataset(loaded, FORGET)[0]
    batch = collate([item], loaded.encoder.pad_id, side="right")
    mlp = vision_mlps(loaded.model)[0]
    reads: list[torch.Tensor] = []
    layer = loaded.model.get_submodule(mlp.output)
    handle = layer.register_forward_pre_hook(lambda module, inputs: reads.append(inputs[0]))
    with torch.no_grad():
        answer_logits(loaded.model, batch)
    handle.remove()
    rows = reads[0].flatten(0, -2)
    path = activation_path(loaded.model, mlp.output, batch, lambda count: torch.arange(count) >= 0, steps=2)
    torch.testing.assert_close(path.activations, rows)
    assert path.gradients.shape == (2, *rows.shape)
    assert path.gradients.any()
