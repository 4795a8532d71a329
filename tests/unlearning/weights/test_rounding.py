"""Protects quantised weights: values by hand, groups of their own scale, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mllmu.models import load_model
from mllmu.unlearning import apply_further_step, unlearn
from mllmu.unlearning.weights.rounding import GROUP, round_weights, rounded, rounded_weights
from tests.training.people import people, small_model


def test_values_by_hand() -> None:
    """Of 3 bits, -3 to 3 thirds of the largest number, 6: steps of 2. 2.9 is nearer to 2 than to 4."""
    weight = torch.tensor([[6.0, 2.9, -0.9, -3.1], [0.0, 0.0, 0.0, 0.0]])
    assert torch.equal(rounded(weight, 3), torch.tensor([[6.0, 2.0, 0.0, -4.0], [0.0, 0.0, 0.0, 0.0]]))


def test_each_group_of_each_row_has_its_own_scale() -> None:
    """A large number in one group does not coarsen another group, nor another row; the last may be short."""
    weight = torch.full((2, GROUP + 3), 0.1)
    weight[0, 0] = 100.0
    found = rounded(weight, 4)
    assert found[0, 1] == 0 and found[0, 0] == 100
    assert torch.equal(found[0, GROUP:], weight[0, GROUP:]) and torch.equal(found[1], weight[1])


@pytest.mark.parametrize("bits", [4, 8])
def test_errors_are_at_most_half_a_step_and_rounding_twice_changes_nothing(bits: int) -> None:
    weight = torch.randn(5, 2 * GROUP, generator=torch.Generator().manual_seed(0))
    found = rounded(weight, bits)
    for group, exact in zip(found.split(GROUP, 1), weight.split(GROUP, 1), strict=True):
        step = exact.abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
        assert ((group - exact).abs() <= step / 2 + 1e-6).all()
        assert len(group[0].unique()) <= 2**bits - 1
    torch.testing.assert_close(rounded(found, bits), found)
    assert rounded(weight.bfloat16(), bits).dtype == torch.bfloat16


def test_linear_layers_are_rounded_and_the_head_norms_and_embeddings_are_not(
    random_model_folder: Path,
) -> None:
    model = load_model(str(random_model_folder), "cpu").model
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    round_weights(model, 4)
    changed = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert changed == rounded_weights(model)
    assert not [name for name in changed if "norm" in name or "embed" in name or "lm_head" in name]
    assert any("q_proj" in name for name in changed) and any("projector" in name for name in changed)


@pytest.mark.parametrize(("method", "matrices"), [("uld", 7), ("lumoe", 14)])
def test_what_unlearned_beside_the_model_is_rounded_too(method: str, matrices: int) -> None:
    """Else an attack by rounding would leave the very part alone that forgets."""
    settings = {"batch_size": 4, "precision": "float32", "passes": 0.5}
    benchmark = people()
    split = benchmark.splits[20]
    loaded = unlearn(method, small_model(layers=1), benchmark, split, "text", settings, seed=0)
    (wrapper,) = loaded.wrappers
    before = [weight.clone() for weight in wrapper.linear_weights()]
    apply_further_step("int4", loaded, benchmark, split, {}, seed=0)
    assert len(before) == matrices
    for weight, own in zip(before, wrapper.linear_weights(), strict=True):
        assert torch.equal(own, rounded(weight, 4))
    assert any(not own.equal(weight) for weight, own in zip(before, wrapper.linear_weights(), strict=True))
