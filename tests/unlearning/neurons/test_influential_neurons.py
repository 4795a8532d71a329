"""Protects: neurons are chosen by their influence, and none that has none."""

from __future__ import annotations

import torch

from mllmu.unlearning.neurons.influential_neurons import _largest


def test_a_neuron_without_influence_is_none_of_the_largest() -> None:
    """All have none where nobody reads the row, and would be drawn by their numbers."""
    assert _largest(torch.tensor([0.0, 3.0, 0.0, 1.0]), 3).tolist() == [1, 3]
    assert _largest(torch.zeros(5), 2).tolist() == []
    assert _largest(torch.tensor([1.0, 2.0]), 9).tolist() == [1, 0]
