"""Protects what MANU ranks neurons by: sums over tokens, and values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from mllmu.training import SampleDataset
from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps
from mllmu.unlearning.neurons.modality_importance import forget_scores, modality_importance
from mllmu.unlearning.neurons.neuron_activity import activity_of, neuron_activity
from tests.training.people import small_model
from tests.unlearning.taught_model import FORGET


def test_sums_over_tokens() -> None:
    """One neuron with -0.3, 0.1 and 0.8: sum 0.6, absolute 1.2, squares 0.74; the first and last are active.

    Mean square 0.74/3 less the squared mean 0.04 is a variance of 0.62/3.
    """
    activity = activity_of(torch.tensor([[-0.3], [0.1], [0.8]], dtype=torch.float64), threshold=0.1)
    assert activity.tokens == 3
    assert activity.total.item() == pytest.approx(0.6)
    assert activity.mean_absolute.item() == pytest.approx(0.4)
    assert activity.square.item() == pytest.approx(0.74)
    assert activity.active.item() == 2
    assert activity.variance.item() == pytest.approx(0.62 / 3)


def test_importance_contrasts_pictures_and_text() -> None:
    """Two neurons; with a picture (3, 1) and (-3, 1), without (1, 1).

    The first: mean absolute 3 and 1, |3-1|/(3+1) = 1/2; two active values and one, 1/3; variances 9 and 0, 3;
    squares 18 and 1, sqrt(17/19). The second: 1 and 1, 0; 1/3; variances 0 and 0, 0; 2 and 1, sqrt(1/3).
    """
    shown = activity_of(torch.tensor([[3.0, 1.0], [-3.0, 1.0]]), threshold=0.1)
    named = activity_of(torch.tensor([[1.0, 1.0]]), threshold=0.1)
    importance = modality_importance(shown, named)
    expected = [1 / 2 + 1 / 3 + 3 + math.sqrt(17 / 19), 1 / 3 + math.sqrt(1 / 3)]
    assert importance.tolist() == pytest.approx(expected, abs=1e-4)


def test_the_score_is_of_forget_over_retain() -> None:
    """2 / 4 = 1/2, and 1 / 0 is 1 / 1e-5: a neuron that only the forgotten people use comes first."""
    scores = forget_scores(torch.tensor([2.0, 1.0]), torch.tensor([4.0, 0.0]))
    assert scores.tolist() == pytest.approx([0.5, 1e5], rel=1e-4)


def test_activity_is_that_of_a_plain_loop_over_single_samples() -> None:
    """A loop over unpadded rows; batches with padding must give the same, in the decoder and in the tower."""
    loaded = small_model()
    language, vision = language_mlps(loaded.model), vision_mlps(loaded.model)
    rows: dict[str, list[torch.Tensor]] = {mlp.output: [] for mlp in (*language, *vision)}
    handles = [
        loaded.model.get_submodule(name).register_forward_pre_hook(
            lambda module, inputs, name=name: rows[name].append(inputs[0].flatten(0, -2))
        )
        for name in rows
    ]
    for item in (SampleDataset(loaded, FORGET)[index] for index in range(len(FORGET))):
        with torch.no_grad():
            loaded.model(input_ids=item.input_ids[None], **item.vision)
    for handle in handles:
        handle.remove()
    for batch_size in (1, 5):
        activities = neuron_activity(loaded, FORGET, language, vision, 0.01, batch_size)
        for mlp, activity in zip((*language, *vision), activities, strict=True):
            expected = activity_of(torch.cat(rows[mlp.output]), 0.01)
            assert activity.tokens == expected.tokens > 0
            torch.testing.assert_close(activity.total, expected.total, rtol=1e-4, atol=1e-4)
            torch.testing.assert_close(activity.square, expected.square, rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(activity.active, expected.active, rtol=0, atol=2)


def test_a_tower_that_sees_nothing_is_silent() -> None:
    loaded = small_model()
    named = [sample for sample in FORGET if sample.image is None]
    vision = vision_mlps(loaded.model)
    (activity,) = neuron_activity(loaded, named, [], vision, 0.1, 4)
    assert (activity.tokens, activity.square.sum(), activity.variance.sum()) == (0, 0, 0)
