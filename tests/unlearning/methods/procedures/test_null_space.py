"""Protects null-space projection: only the decoder's MLPs change, and nothing in what the pictures span."""

from __future__ import annotations

import pytest
import torch

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.unlearning import ForgetRequest, Job, make_method
from mllmu.unlearning.methods.procedures.null_space import NullSpace, NullSpaceSettings
from mllmu.unlearning.neurons.activations import picture_inputs
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.taught_model import (
    BENCHMARK,
    FORGET,
    MODALITIES,
    QUICK,
    RETAIN,
    SPLIT,
    taught_model,
    unlearned,
)


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "null_space", modality, **{**QUICK, "learning_rate": 0.02}, passes=16)
    assert answer_loss(loaded, asked) > before + 1


def test_only_the_decoders_mlps_change_and_not_in_what_the_retain_pictures_span() -> None:
    """What the first layer's weight makes of a retain picture is as before, under whatever question."""
    loaded = taught_model()
    method = NullSpace(NullSpaceSettings(**{**QUICK, "learning_rate": 0.02}, passes=4))
    pictures = [sample for sample in RETAIN if sample.image is not None][::2]
    name = "model.language_model.layers.0.mlp.up_proj"
    read = picture_inputs(loaded, pictures, [name])[name]
    state = weights(loaded)
    method.apply(Job(FORGET, RETAIN, seed=0, loaded=loaded))
    assert changed(state, loaded) == method.changes(loaded)
    difference = loaded.model.get_parameter(f"{name}.weight") - state[f"{name}.weight"]
    assert difference.abs().max() > 1e-3
    torch.testing.assert_close(
        difference @ read.T, torch.zeros(len(difference), len(read)), rtol=0, atol=1e-4
    )


def test_the_models_names_are_as_before_and_mistakes_are_named() -> None:
    loaded = taught_model()
    state = weights(loaded)
    unlearned(loaded, "null_space", "text", **QUICK, passes=1)
    assert set(weights(loaded)) == set(state)
    named = [sample for sample in RETAIN if sample.image is None]
    with pytest.raises(UserError, match="'null_space' got no picture to retain"):
        NullSpace(NullSpaceSettings()).require(ForgetRequest(FORGET, named, seed=0))
    with pytest.raises(UserError, match=r"'lora' is .*, but should be None"):
        make_method("null_space", {"lora": {"r": 2}})
