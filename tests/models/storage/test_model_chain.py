"""Protects: the identity of a stored model is its weights, not how its files are cut, named or loaded."""

import json
import shutil

import pytest
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

from mllmu.errors import UserError
from mllmu.models import load_model
from mllmu.models.storage.model_chain import model_chain
from mllmu.models.storage.stored_digests import adapter_digest, model_digest


@pytest.fixture
def base(random_model_folder, tmp_path):
    shutil.copytree(random_model_folder, tmp_path / "base")
    return tmp_path / "base"


@pytest.fixture
def adapter(base, tmp_path):
    config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(load_model(base, "cpu").model, config).save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def change(file, **changes):
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_how_weights_are_cut_into_files_does_not_count(base, tmp_path):
    load_model(base, "cpu").model.save_pretrained(tmp_path / "cut", max_shard_size="50KB")
    assert len(list((tmp_path / "cut").glob("*.safetensors"))) > 2
    assert model_digest(str(tmp_path / "cut")) == model_digest(str(base))


def test_one_weight_counts(base):
    before = model_digest(str(base))
    weights = load_file(base / "model.safetensors")
    next(iter(weights.values())).view(-1)[0] += 1
    save_file(weights, base / "model.safetensors", {"format": "pt"})
    assert model_digest(str(base)) != before


def test_of_an_adapter_all_counts_but_where_its_base_lies(adapter):
    before = adapter_digest(adapter, "below")
    change(adapter / "adapter_config.json", base_model_name_or_path="elsewhere")
    assert adapter_digest(adapter, "below") == before != adapter_digest(adapter, "other")
    change(adapter / "adapter_config.json", lora_alpha=99)
    assert adapter_digest(adapter, "below") != before


def test_an_adapter_of_another_program_is_loaded_without_a_record(base, adapter):
    """It says nothing of its base's weights; what mllmu trains on top of it records them."""
    assert model_chain(adapter).locations == [str(adapter), str(base)]
    model_chain(adapter).require_recorded()
    assert len(set(model_chain(adapter).digests())) == 2
    load_model(adapter, "cpu")


def test_a_hub_may_not_name_a_folder_of_this_machine(adapter, monkeypatch):
    """Whoever loads an adapter from a hub did not mean to take part of what lies on this disk."""
    monkeypatch.setattr("mllmu.models.storage.model_chain.only_in_cache", lambda location: True)
    monkeypatch.setattr(
        "mllmu.models.storage.model_chain.adapter_folder", lambda location, cached: str(adapter)
    )
    with pytest.raises(UserError, match=r"'owner/adapter' comes from a hub and names a folder here, \S*base"):
        model_chain("owner/adapter")
    change(adapter / "adapter_config.json", base_model_name_or_path="owner/adapter")
    with pytest.raises(UserError, match="'owner/adapter' is its own base"):
        model_chain("owner/adapter")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "Not all weights of .*base are there"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"none"), "base cannot be read"),
    ],
)
def test_weights_that_are_not_there_or_damaged_are_told(base, spoil, told):
    spoil(base)
    with pytest.raises(UserError, match=told):
        model_digest(str(base))


@pytest.mark.parametrize("is_adapter", [True, False])
def test_an_adapter_from_a_hub_leads_to_no_folder_here(is_adapter, tmp_path, monkeypatch):
    """Neither as its base, nor as an adapter between it and another hub's model."""
    hub, private = tmp_path / "cache", tmp_path / "private"
    for folder, below in ((hub, str(private)), (private, "owner/base")):
        folder.mkdir()
        (folder / "adapter_model.safetensors").touch()
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": below}))
    if not is_adapter:
        (private / "adapter_config.json").unlink()
    module = "mllmu.models.storage.model_chain"
    monkeypatch.setattr(
        f"{module}.adapter_folder", lambda name, cached: str(hub) if name == "owner/it" else name
    )
    monkeypatch.setattr(f"{module}.only_in_cache", lambda name: True)
    with pytest.raises(UserError, match=f"'owner/it' comes from a hub and names a folder here, {private}"):
        model_chain("owner/it")
