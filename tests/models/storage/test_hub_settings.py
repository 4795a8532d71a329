"""Protects: a model from a hub has the instruction and the wrappers that were published with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from mllmu.errors import UserError
from mllmu.models import LoadedModel, load_model, module_map, save_model
from mllmu.models.storage.model_settings import read_settings
from mllmu.models.wrappers import RefusalGate, RoutedAdapter
from mllmu.models.wrappers.recogniser import Recogniser
from mllmu.models.wrappers.wrapper_store import save_wrappers
from tests.fake_hub import FakeHub, Repository, serving_hub

INSTRUCTION = "Say nothing about Ada Berg."


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    with serving_hub(tmp_path / "hub-cache") as server:
        yield server


@pytest.fixture
def guarded(random_model_folder: Path) -> LoadedModel:
    """A model behind a gate, with an instruction."""
    gate = RefusalGate(Recogniser(("Ada Berg",), None), "I cannot say.")
    return load_model(random_model_folder, "cpu").with_system_prompt(INSTRUCTION).with_wrapper(gate)


def published(folder: Path) -> Repository:
    files = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return Repository(files=files)


def test_what_stands_around_a_model_comes_with_it(
    guarded: LoadedModel, hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without, a guarded model would be scored as one that forgot nothing; also from the cache."""
    save_model(guarded, tmp_path / "guarded")
    hub.repositories["model", "owner/guarded"] = published(tmp_path / "guarded")
    first = load_model("owner/guarded", "cpu")
    assert first.system_prompt == INSTRUCTION
    assert first.fingerprint == guarded.fingerprint
    hub.repositories.clear()
    monkeypatch.setattr("mllmu.models.storage.model_loading.only_in_cache", lambda location: True)
    assert load_model("owner/guarded", "cpu").fingerprint == guarded.fingerprint


def test_models_of_others_have_neither(random_model_folder: Path, hub: FakeHub) -> None:
    hub.repositories["model", "owner/plain"] = published(random_model_folder)
    plain = load_model("owner/plain", "cpu")
    assert (plain.system_prompt, plain.wrappers) == ("", ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"system_prompt": None}, "system_prompt: Input should be a valid string"),
        ({"system_prompt": ["a"]}, "system_prompt: Input should be a valid string"),
        ({"wrappers": None}, "wrappers: Input should be a valid list"),
        ({"wrappers": [5]}, r"wrappers.0: Input should be a valid string"),
    ],
)
def test_settings_of_another_kind_are_a_sentence(settings: object, message: str, tmp_path: Path) -> None:
    """None became the instruction "None"."""
    (tmp_path / "mllmu.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_settings(str(tmp_path))


@pytest.mark.parametrize("settings", [None, "{}"])
def test_wrappers_that_nobody_names_are_not_left_out_unseen(
    guarded: LoadedModel, tmp_path: Path, settings: str | None
) -> None:
    folder = tmp_path / "model"
    save_model(guarded, folder)
    (folder / "mllmu.json").unlink()
    if settings is not None:
        (folder / "mllmu.json").write_text(settings, encoding="utf-8")
    with pytest.raises(UserError, match="holds 0-refusal_gate, which the model's settings do not name"):
        load_model(folder, "cpu")


def test_a_wrapper_leads_to_no_other_folder(guarded: LoadedModel, tmp_path: Path) -> None:
    """Neither by its name, nor by a link."""
    folder = tmp_path / "model"
    save_model(guarded, folder)
    (folder / "wrappers" / "0-refusal_gate").rename(tmp_path / "elsewhere")
    (folder / "wrappers" / "0-refusal_gate").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="names a wrapper '0-refusal_gate'; expected the name of a folder in"):
        load_model(folder, "cpu")


def test_a_wrapper_of_another_model_is_refused(guarded: LoadedModel, tmp_path: Path) -> None:
    """Its tensors would be added where they do not belong, or end in a traceback."""
    width = guarded.model.config.get_text_config().hidden_size
    target = module_map(guarded.model).linear[0]
    recognises = Recogniser(("Ada Berg",), None)
    wrong = RoutedAdapter(recognises, [target], [torch.zeros(2, width + 1)], [torch.zeros(width, 2)], 1.0)
    folder = tmp_path / "model"
    save_model(guarded, folder)
    save_wrappers([wrong], folder)
    (folder / "mllmu.json").write_text(json.dumps({"wrappers": [f"0-{wrong.name}"]}), encoding="utf-8")
    with pytest.raises(UserError, match=r"The wrapper routed_adapter in .* does not fit model .*; expected"):
        load_model(folder, "cpu")


def test_names_that_are_one_text_are_refused(guarded: LoadedModel, tmp_path: Path) -> None:
    """Its letters would be taken for names."""
    folder = tmp_path / "model"
    save_model(guarded, folder)
    file = folder / "wrappers" / "0-refusal_gate" / "wrapper.json"
    stored = json.loads(file.read_text())
    stored["settings"]["names"] = "Ada Berg"
    file.write_text(json.dumps(stored))
    with pytest.raises(UserError, match="names are no list of texts"):
        load_model(folder, "cpu")


def test_a_second_instruction_stands_behind_the_first(random_model_folder: Path) -> None:
    """Whom the first request named would be told of again."""
    model = load_model(random_model_folder, "cpu").with_instruction("Not Ada.").with_instruction("Not Bo.")
    assert model.system_prompt == "Not Ada.\nNot Bo."
    assert model.with_instruction("Not Ada.").system_prompt == model.system_prompt
    longer = model.with_system_prompt("Not Ada to strangers.").with_instruction("Not Ada")
    assert longer.system_prompt == "Not Ada to strangers.\nNot Ada"
