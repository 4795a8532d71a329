"""Protects null-space projection: only the decoder's MLPs change, and nothing in what the pictures span."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils import parametrize

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import training_samples
from mllmu.unlearning import ForgetRequest, Job, Side, Step, make_method
from mllmu.unlearning.methods.procedures.null_space import NullSpace, NullSpaceSettings
from mllmu.unlearning.neurons.activations import picture_inputs
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.plain_loop import SeenError, losses_seen, mean, nll, rows
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


@torch.no_grad()
def plain_gap(loaded: LoadedModel, side: Side) -> float:
    """Mean of 1 - cos(W h, B A P h) over the layers with adapters and the tokens that are read."""
    layers = [module for module in loaded.model.modules() if parametrize.is_parametrized(module)]
    inputs: list[list[torch.Tensor]] = [[] for _ in layers]
    hooks = [
        layer.register_forward_pre_hook(lambda _, arguments, to=to: to.append(arguments[0][0]))
        for layer, to in zip(layers, inputs, strict=True)
    ]
    reads = [row.read for row in rows(loaded, side)]
    for hook in hooks:
        hook.remove()
    gaps = []
    for layer, hidden in zip(layers, inputs, strict=True):
        (adapter,) = layer.parametrizations.weight
        blind = adapter.a - adapter.a @ adapter.directions.T @ adapter.directions
        for row, read in zip(hidden, reads, strict=True):
            teacher = row[read] @ layer.parametrizations.weight.original.T
            student = row[read] @ blind.T @ adapter.b.T
            cosines = (teacher * student).sum(-1) / teacher.norm(dim=-1) / student.norm(dim=-1)
            gaps += (1 - cosines).tolist()
    return mean(gaps)


def test_adapters_learn_what_layers_put_out_and_the_answers() -> None:
    """1/5 of the gap and 4/5 of CE(f) with the adapters added, by a plain loop: both are to fall.

    The gap is about 1 at the start, as adapters are drawn at random.
    """
    loaded = taught_model()
    parts: list[float] = []

    def look(step: Step, value: float) -> None:
        parts.extend([value, plain_gap(loaded, step.forget), nll(loaded, step.forget)])
        raise SeenError

    with losses_seen(look), pytest.raises(SeenError):
        unlearned(loaded, "null_space", "image_text", **QUICK, balance=0.2)
    value, gap, answers = parts
    assert 0.5 < gap < 1.5
    assert value == pytest.approx(0.2 * gap + 0.8 * answers, rel=1e-4)


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
