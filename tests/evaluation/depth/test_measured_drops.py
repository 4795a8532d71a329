"""Protects the patching of hidden states in every family: where, into what, and that nothing else changes."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from mllmu.errors import UserError
from mllmu.evaluation.depth.depth_score import unlearning_depth
from mllmu.evaluation.depth.measured_drops import can_be_patched, measured_drops
from mllmu.evaluation.depth.patching import (
    PatchedAt,
    layer_states,
    patched,
    patched_positions,
    value_log_probs,
)
from mllmu.models import LoadedModel, collate, module_map
from mllmu.training import Sample, SampleDataset
from tests.families import FAMILIES, build_family, mllama
from tests.training.people import portrait, small_model

VALUE, IMAGE = PatchedAt
EVERY = sorted(FAMILIES)


def sample(value: str, answer: str, picture: int | None = None) -> Sample:
    image = None if picture is None else portrait(picture)
    return Sample("where does this person live?", answer.format(value), image, "001", value)


SHOWN = [
    sample("Riga", "this person lives in {}", 1),
    sample("soup and cats", "this person likes {} in Paris", 2),
    sample("London Paris", "{} teacher", 3),
]
NAMED = [replace(one, image=None) for one in SHOWN]


@cache
def family(name: str) -> LoadedModel:
    return mllama() if name == "mllama" else build_family(name)


def disturbed(loaded: LoadedModel, layers: list[int]) -> LoadedModel:
    """A copy some of whose decoder layers have other weights; all else is shared in value."""
    other = replace(loaded, model=copy.deepcopy(loaded.model))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(3)
        for number in layers:
            for weight in other.model.get_submodule(module_map(other.model).layers[number]).parameters():
                weight.add_(torch.randn_like(weight) * 0.1)
    return other


def values_alone(parts):
    return [part.value == "value" for part in parts]


def batch_of(loaded: LoadedModel, samples: list[Sample]) -> dict[str, torch.Tensor]:
    items = SampleDataset(loaded, samples, values_alone)
    return collate([items[index] for index in range(len(items))], loaded.encoder.pad_id)


@torch.no_grad()
def by_hand(loaded: LoadedModel, one: Sample) -> float:
    """Mean log-probability of the value's tokens, from the plain logits of a row without padding."""
    batch = batch_of(loaded, [one])
    is_value = batch.pop("answer_mask")[0]
    logs = loaded.model(**batch).logits[0].log_softmax(-1)
    chosen = [logs[at - 1, batch["input_ids"][0, at]] for at in is_value.nonzero()[:, 0].tolist()]
    return float(torch.stack(chosen).mean())


@pytest.mark.parametrize("name", [*EVERY, "mllama"])
@pytest.mark.parametrize("at", [VALUE, IMAGE])
def test_a_models_own_states_change_nothing(name: str, at: PatchedAt) -> None:
    """Source = vanilla: every drop is 0 to the last bit, so that its depth is 0."""
    loaded = family(name)
    samples = [one for one in (*SHOWN, *NAMED) if can_be_patched(loaded, one, at)]
    assert len(samples) == (6 if at is VALUE else 0 if name == "mllama" else 3)
    drops = measured_drops(loaded, loaded, samples, at)
    assert drops.shape == (len(samples), len(module_map(loaded.model).layers)) and (drops == 0).all()


@pytest.mark.parametrize("name", [*EVERY, "mllama"])
def test_after_the_last_layer_the_value_is_as_likely_as_in_the_source(name: str) -> None:
    """Norm and output layer are the same, and read what predicts a token at one position alone."""
    vanilla = family(name)
    source = disturbed(vanilla, list(range(len(module_map(vanilla.model).layers))))
    samples = [*SHOWN, *NAMED]
    drops = measured_drops(vanilla, source, samples, VALUE)
    expected = [by_hand(vanilla, one) - by_hand(source, one) for one in samples]
    assert np.abs(expected).min() > 1e-3
    np.testing.assert_allclose(drops[:, -1], expected, atol=2e-4)
    depth = unlearning_depth(drops, drops)
    assert set(depth[~np.isnan(depth)]) == {1.0}


@pytest.mark.parametrize("name", EVERY)
def test_layers_are_in_order_and_count_from_where_the_models_part(name: str) -> None:
    """A source whose last layer alone is another: before it nothing differs, after it something does."""
    vanilla = family(name)
    drops = measured_drops(vanilla, disturbed(vanilla, [1]), SHOWN, VALUE)
    assert (drops[:, 0] == 0).all() and (np.abs(drops[:, 1]) > 1e-4).all()


@pytest.mark.parametrize("name", [name for name in EVERY if name != "idefics2"])
def test_pictures_matter_before_the_last_layer_and_not_after_it(name: str) -> None:
    """After the last one no layer looks back at them, after the first one the second does.

    Idefics2's window is too short in miniature to look back that far.
    """
    vanilla = family(name)
    drops = measured_drops(vanilla, disturbed(vanilla, [0, 1]), SHOWN, IMAGE)
    assert (drops[:, 1] == 0).all() and (np.abs(drops[:, 0]) > 1e-5).all()


@pytest.mark.parametrize("name", [*EVERY, "mllama"])
@pytest.mark.parametrize("at", [VALUE, IMAGE])
def test_company_and_padding_change_nothing(name: str, at: PatchedAt) -> None:
    """Rows of several lengths, with and without a picture, together and one by one."""
    vanilla = family(name)
    source = disturbed(vanilla, [0, 1])
    samples = [one for one in (*SHOWN, *NAMED) if can_be_patched(vanilla, one, at)]
    together = measured_drops(vanilla, source, samples, at, batch_size=4)
    alone = measured_drops(vanilla, source, samples, at, batch_size=1)
    np.testing.assert_allclose(together, alone, atol=2e-4)


@pytest.mark.parametrize("name", EVERY)
def test_value_positions_are_those_that_predict_the_value(name: str) -> None:
    """The tokens after them spell the value, and nothing else is among them."""
    loaded = family(name)
    batch = batch_of(loaded, SHOWN)
    after = patched_positions(VALUE, batch, None).roll(1, dims=1)
    for one, row, ids in zip(SHOWN, after, batch["input_ids"], strict=True):
        assert loaded.encoder.tokenizer.decode(ids[row]).strip() == one.value


@pytest.mark.parametrize("name", EVERY)
def test_image_positions_are_the_pictures_features(name: str) -> None:
    loaded = family(name)
    batch = batch_of(loaded, SHOWN)
    pictures = [loaded.encoder.picture(one.image) for one in SHOWN if one.image is not None]
    positions = patched_positions(IMAGE, batch, pictures[0].feature_id)
    assert positions.sum(dim=1).tolist() == [picture.features for picture in pictures]
    assert not patched_positions(IMAGE, batch, None).any()
    padded = {**batch, "attention_mask": torch.zeros_like(batch["attention_mask"])}
    assert not patched_positions(IMAGE, padded, pictures[0].feature_id).any()


@torch.no_grad()
@pytest.mark.parametrize("name", EVERY)
def test_what_stands_before_patched_positions_predicts_as_before(name: str) -> None:
    loaded = family(name)
    batch = batch_of(loaded, SHOWN[:1])
    positions = patched_positions(VALUE, batch, None)
    layer = module_map(loaded.model).layers[0]
    first = int(positions[0].nonzero()[0])
    inputs = {key: tensor for key, tensor in batch.items() if key != "answer_mask"}
    before = loaded.model(**inputs).logits
    states = layer_states(loaded.model, batch, positions)[layer]
    with patched(loaded.model, layer, positions, states + 5):
        during = loaded.model(**inputs).logits
    assert torch.equal(during[0, :first], before[0, :first])
    assert (during[0, first] - before[0, first]).abs().max() > 1e-3
    assert torch.equal(loaded.model(**inputs).logits, before)


def test_no_hook_stays_behind_even_after_an_error() -> None:
    loaded = small_model()
    batch = batch_of(loaded, [Sample("Where was this person born?", "In Riga.", None, "001", "Riga")])
    positions = patched_positions(VALUE, batch, None)
    layer = module_map(loaded.model).layers[0]

    def hooks() -> int:
        return sum(len(module._forward_hooks) for module in loaded.model.modules())

    states = layer_states(loaded.model, batch, positions)[layer]
    with pytest.raises(RuntimeError, match="broken"), patched(loaded.model, layer, positions, states):
        assert hooks() == 1
        raise RuntimeError("broken")
    with pytest.raises(KeyError):
        layer_states(loaded.model, {"answer_mask": batch["answer_mask"]}, positions)
    assert hooks() == 0 and torch.isfinite(value_log_probs(loaded.model, batch)).all()


def test_text_passes_by_layers_that_look_at_pictures() -> None:
    """In Mllama they take no part in a question by name: nothing can be patched there."""
    vanilla = family("mllama")
    drops = measured_drops(vanilla, disturbed(vanilla, [0, 1, 2]), NAMED, VALUE)
    assert (drops[:, 1] == 0).all() and (np.abs(drops[:, [0, 2]]) > 1e-4).all()


def test_what_cannot_be_patched_is_told() -> None:
    loaded = small_model()
    born = Sample("Where was this person born?", "In Riga.", portrait(0), "001", "Riga")
    assert can_be_patched(loaded, born, IMAGE) and can_be_patched(loaded, born, VALUE)
    assert not can_be_patched(loaded, replace(born, image=None), IMAGE)
    assert not can_be_patched(loaded, replace(born, value=""), VALUE)
    assert not can_be_patched(loaded, replace(born, question="Was this person born in Riga?"), VALUE)
    with pytest.raises(UserError, match="no tokens of its image to patch"):
        measured_drops(loaded, loaded, [replace(born, image=None)], IMAGE)
    with pytest.raises(UserError, match="expected two models of one architecture"):
        measured_drops(loaded, family("llava"), [born], VALUE)


def test_a_model_whose_outputs_are_not_finite_is_refused_and_not_taken_for_one_with_nothing_to_erase():
    loaded = small_model()
    broken = disturbed(loaded, [0])
    with torch.no_grad():
        next(broken.model.get_submodule(module_map(broken.model).layers[0]).parameters()).fill_(float("nan"))
    born = Sample("Where was this person born?", "In Riga.", portrait(0), "001", "Riga")
    for vanilla, source in ((loaded, broken), (broken, loaded)):
        with pytest.raises(UserError, match="log-probabilities that are not finite"):
            measured_drops(vanilla, source, [born], VALUE)
