"""Protects MIP-Editor: rows of chosen neurons learn and nothing else, in the tower and in the decoder."""

from __future__ import annotations

import pytest

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.unlearning import ForgetRequest, Job, make_method
from mllmu.unlearning.forget_tokens import ForgetTokenChoice
from mllmu.unlearning.methods.procedures.mip_editor import MIPEditor, MIPEditorSettings
from mllmu.unlearning.neurons.influential_neurons import influential_by_name, influential_by_sight
from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps
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

STRONG = {**QUICK, "learning_rate": 0.03, "neurons": 40, "position": "answer", "layer": 0.5, "alpha": 0.1}


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets(modality: str) -> None:
    loaded = taught_model()
    asked = training_samples(BENCHMARK, SPLIT.forget, modality)  # type: ignore[arg-type]
    before = answer_loss(loaded, asked)
    unlearned(loaded, "mip_editor", modality, **STRONG, passes=8)
    assert answer_loss(loaded, asked) > before + 1


@pytest.mark.parametrize("position", ["first", "answer"])
def test_only_rows_of_chosen_neurons_change(position: str) -> None:
    """Three neurons a question: at most three for each of four questions in a layer, and at least three."""
    loaded = taught_model()
    state = weights(loaded)
    # Nobody reads the first row of the only layer of this tower, a class token's: none of its neurons counts.
    options = {"position": position, "layer": 0.5, "train_vision": position == "answer"}
    method = MIPEditor(MIPEditorSettings(**{**QUICK, "learning_rate": 0.01}, neurons=3, **options))
    method.apply(Job(FORGET, RETAIN, seed=0, loaded=loaded))
    moved = changed(state, loaded)
    assert moved == method.changes(loaded)
    for name in moved:
        rows = (loaded.model.get_parameter(name) != state[name]).any(dim=1).sum()
        assert 3 <= rows <= 3 * 4


def test_a_part_in_which_no_neuron_has_any_influence_is_refused() -> None:
    """It would go on with the decoder alone; nobody reads the first row of this tower's only layer."""
    loaded = taught_model()
    state = weights(loaded)
    with pytest.raises(
        UserError, match=r"chose no neuron of the vision tower: none .* 'position' first turns"
    ):
        unlearned(loaded, "mip_editor", **QUICK, steps=2)
    assert not changed(state, loaded)


def test_neurons_are_chosen_for_each_question_and_joined() -> None:
    """Of all questions together those that are chosen for any alone; another number of them chooses more."""
    loaded = taught_model()
    language, vision = language_mlps(loaded.model), vision_mlps(loaded.model)
    loaded.model.eval()
    for choose, mlps, samples in (
        (influential_by_name, language, [sample for sample in FORGET if sample.image is None]),
        (influential_by_sight, vision, [sample for sample in FORGET if sample.image is not None]),
    ):
        how = (ForgetTokenChoice("answer"), mlps, "answer", 2)
        single = [choose(loaded, [sample], *how, 2, "float32") for sample in samples]  # type: ignore[arg-type]
        joined = choose(loaded, samples, *how, 2, "float32")  # type: ignore[arg-type]
        for layer in range(len(mlps)):
            assert all(len(chosen[layer]) == 2 for chosen in single)
            union = {int(neuron) for chosen in single for neuron in chosen[layer]}
            assert {int(neuron) for neuron in joined[layer]} == union


def test_bad_settings_and_missing_forms_are_named() -> None:
    with pytest.raises(UserError, match=r"'lora' is .*, but should be None"):
        make_method("mip_editor", {"lora": {"r": 2}})
    with pytest.raises(UserError, match="'layer' is 2, but should be less than or equal to 1"):
        make_method("mip_editor", {"layer": 2})
    shown = [sample for sample in FORGET if sample.image is not None]
    with pytest.raises(UserError, match="'mip_editor' got 4 questions with a picture and 0 without"):
        MIPEditor(MIPEditorSettings()).require(ForgetRequest(shown, RETAIN, seed=0))
