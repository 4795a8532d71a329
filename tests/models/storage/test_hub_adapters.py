"""Protects: of an adapter on a hub nothing is read but safetensors, and none is added unseen."""

import json

import pytest
from peft import LoraConfig, get_peft_model

from mllmu.errors import UserError
from mllmu.models import load_model
from mllmu.models.storage.model_check import check_model
from tests.fake_hub import Repository, serving_hub


@pytest.fixture
def hub(tmp_path):
    with serving_hub(tmp_path / "hub-cache") as server:
        yield server


def files_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a whole model"])
@pytest.mark.parametrize("weights", ["adapter_model.bin", "README.md"])
@pytest.mark.parametrize("look", [check_model, lambda name: load_model(name, "cpu")])
def test_an_adapter_without_safetensors_is_refused(look, weights, beside, hub, random_model_folder):
    config = {"base_model_name_or_path": "tiny", "peft_type": "LORA"}
    files = {"adapter_config.json": json.dumps(config).encode(), weights: b"cos\nsystem\n(S'exit'\ntR."}
    whole = files_of(random_model_folder) if beside else {}
    hub.repositories["model", "owner/it"] = Repository(files={**whole, **files})
    with pytest.raises(
        UserError, match=r"'owner/it' .*does not appear .*expected its weights as safetensors"
    ):
        look("owner/it")
    assert not any(path.endswith((".bin", "/model.safetensors")) for _, path in hub.asked)


def test_an_adapter_that_a_library_adds_by_itself_is_refused(hub, random_model_folder, tmp_path, monkeypatch):
    """As after a moment in which the hub said nothing of it."""
    config = LoraConfig(r=2, target_modules=["q_proj"])
    get_peft_model(load_model(random_model_folder, "cpu").model, config).save_pretrained(tmp_path / "adapter")
    files = {**files_of(random_model_folder), **files_of(tmp_path / "adapter")}
    hub.repositories["model", "owner/it"] = Repository(files=files)
    monkeypatch.setattr("mllmu.models.storage.model_chain.adapter_folder", lambda location, cached: location)
    with pytest.raises(UserError, match="'owner/it' is an adapter on a hub; expected a whole model, or"):
        load_model("owner/it", "cpu")
