"""Protects MANU: exactly as many neurons of each part are silenced as asked for, and nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import LoadedModel
from mllmu.training import Sample
from mllmu.unlearning import ForgetRequest, unlearn
from mllmu.unlearning.methods.procedures.manu import Manu, ManuSettings
from mllmu.unlearning.neurons.mlp_neurons import language_mlps, vision_mlps
from tests.training.people import answer_loss, changed, weights
from tests.unlearning.taught_model import BENCHMARK, FORGET, MODALITIES, SPLIT, taught_model, unlearned


def test_exactly_the_share_of_either_part_is_silenced() -> None:
    """A quarter of 2 times 96 neurons of the decoder, and of 64 of the tower: 48 and 16."""
    loaded = taught_model()
    may_change = Manu(ManuSettings()).changes(loaded)
    state = weights(loaded)
    unlearned(loaded, "manu", share=0.25)
    silent = []
    for mlps in (language_mlps(loaded.model), vision_mlps(loaded.model)):
        columns = torch.cat([loaded.model.get_parameter(f"{mlp.output}.weight") for mlp in mlps], dim=1)
        rows = torch.cat([loaded.model.get_parameter(f"{mlp.inputs[0]}.weight") for mlp in mlps])
        assert torch.equal(~columns.any(dim=0), ~rows.any(dim=1))
        silent.append(int((~rows.any(dim=1)).sum()))
    assert silent == [48, 16]
    assert changed(state, loaded) <= may_change


def test_silenced_is_what_matters_to_the_forgotten_more_than_to_the_retained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The top of I(f) / I(r), not its bottom, nor the top of I(f): by importances drawn by hand.

    An eighth of 192 neurons of the decoder are its first 24 by that order, of 64 of the tower the first 8.
    """
    loaded = taught_model()
    language, vision = language_mlps(loaded.model), vision_mlps(loaded.model)
    generator = torch.Generator().manual_seed(0)
    forget, retain = (
        [0.1 + torch.rand(mlp.neurons, generator=generator) for mlp in (*language, *vision)] for _ in range(2)
    )
    names = {sample.profile_id for sample in FORGET}

    def importance(self: Manu, of: LoadedModel, samples: Sequence[Sample]) -> list[torch.Tensor]:
        return forget if {sample.profile_id for sample in samples} == names else retain

    monkeypatch.setattr(Manu, "_importance", importance)
    unlearned(loaded, "manu", share=0.125)
    for mlps, first in ((language, 0), (vision, len(language))):
        numbers = slice(first, first + len(mlps))
        ratios = torch.cat(forget[numbers]) / torch.cat(retain[numbers])
        columns = torch.cat([loaded.model.get_parameter(f"{mlp.output}.weight") for mlp in mlps], dim=1)
        silent = (~columns.any(dim=0)).nonzero().flatten().tolist()
        order = sorted(range(len(ratios)), key=lambda number: -float(ratios[number]))
        assert silent == sorted(order[: len(ratios) // 8])


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_forgets_and_the_modality_makes_no_difference(modality: str) -> None:
    loaded = taught_model()
    before = answer_loss(loaded, FORGET)
    result = unlearned(loaded, "manu", modality, share=0.5)
    assert answer_loss(result, FORGET) > before + 1
    fingerprint = result.fingerprint
    assert unlearned(taught_model(), "manu", "both", share=0.5).fingerprint == fingerprint


def test_people_without_names_or_pictures_and_shares_of_no_neuron_are_errors() -> None:
    loaded = taught_model()
    state = weights(loaded)
    nameless = {key: replace(one, name="") for key, one in BENCHMARK.profiles.items()}
    with pytest.raises(UserError, match="has no name"):
        unlearn("manu", loaded, replace(BENCHMARK, profiles=nameless), SPLIT, "image_text", {}, 0)
    shown = [sample for sample in FORGET if sample.image is not None]
    with pytest.raises(UserError, match="'manu' got 4 questions with a picture and 0 without; expected"):
        Manu(ManuSettings()).require(ForgetRequest(shown, shown, seed=0))
    with pytest.raises(UserError, match=r"share of 0.001 of 192 neurons is none"):
        unlearned(loaded, "manu", share=0.001)
    assert not changed(state, loaded)
