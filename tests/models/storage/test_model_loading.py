import copy
import json
from contextlib import suppress

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
    LlavaForConditionalGeneration,
    LlavaProcessor,
)

from mllmu.errors import UserError
from mllmu.models import load_model, save_model, weights_fingerprint
from mllmu.models.storage.model_check import check_model, require_whole_weights
from mllmu.models.weightless import weightless_model


def test_a_saved_model_loads_with_the_plain_classes(loaded, tmp_path):
    """The folder must serve everybody's code, not only ours."""
    save_model(loaded, tmp_path)
    assert isinstance(AutoProcessor.from_pretrained(tmp_path), LlavaProcessor)
    model = AutoModelForImageTextToText.from_pretrained(tmp_path)
    assert isinstance(model, LlavaForConditionalGeneration)
    assert weights_fingerprint(model) == weights_fingerprint(loaded.model)


def test_system_prompt_travels_with_the_folder(loaded, tmp_path):
    """A prompted method is a model behind an instruction; it must survive saving."""
    save_model(loaded.with_system_prompt("Say nothing."), tmp_path)
    again = load_model(tmp_path, "cpu")
    assert again.system_prompt == "Say nothing."
    assert again.fingerprint != loaded.fingerprint
    assert next(again.model.parameters()).dtype == torch.float32
    halves = load_model(tmp_path, device="cpu", dtype=torch.float16)
    assert next(halves.model.parameters()).dtype == torch.float16


def test_fingerprint_sees_one_changed_weight(loaded):
    before = loaded.fingerprint
    weight = loaded.model.model.multi_modal_projector.linear_1.weight
    with torch.no_grad():
        original = weight[0, 0].clone()
        weight[0, 0] += 1e-3
        changed = loaded.fingerprint
        weight[0, 0] = original
    assert changed != before
    assert loaded.fingerprint == before


@pytest.mark.parametrize("source", ["no/such/folder", "./missing", "tinny"])
def test_unknown_models_get_one_sentence(source):
    with pytest.raises(UserError, match="expected 'tiny', an existing folder or a hub id"):
        load_model(source)


def test_pickled_weights_are_refused(loaded, tmp_path):
    """Weights are untrusted data: a folder without safetensors is not opened."""
    save_model(loaded, tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(loaded.model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="could not be loaded"):
        load_model(tmp_path)


def test_damaged_weights_get_one_sentence(loaded, tmp_path):
    save_model(loaded, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"half a file")
    with pytest.raises(UserError, match="could not be loaded"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "name", ["tokenizer.json", "tokenizer_config.json", "processor_config.json", "generation_config.json"]
)
def test_a_list_in_place_of_settings_gets_one_sentence(name, loaded, tmp_path):
    save_model(loaded, tmp_path)
    (tmp_path / name).write_text("[]")
    with pytest.raises(UserError, match="could not be loaded"):
        load_model(tmp_path)
    for look in (check_model, weightless_model, require_whole_weights):
        with suppress(UserError):  # not all of them read every file
            look(tmp_path)


@pytest.mark.parametrize("look", [load_model, check_model, weightless_model, require_whole_weights])
@pytest.mark.parametrize("damage", ["1", "[]", "a setting of another type"])
def test_a_damaged_config_gets_one_sentence_from_whoever_reads_it(look, damage, loaded, tmp_path):
    save_model(loaded, tmp_path)
    file = tmp_path / "config.json"
    config = json.loads(file.read_text())
    config["text_config"]["hidden_size"] = "192"
    file.write_text(damage if len(damage) < 3 else json.dumps(config))
    with pytest.raises(UserError):
        look(tmp_path)


def test_damaged_settings_file_is_named(loaded, tmp_path):
    save_model(loaded, tmp_path)
    (tmp_path / "mllmu.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"mllmu\.json cannot be read as JSON"):
        load_model(tmp_path)
    (tmp_path / "mllmu.json").write_text('{"base": 1, "base": 2}', encoding="utf-8")
    with pytest.raises(UserError, match=r"mllmu\.json cannot be read as JSON \(the key 'base' stands twice"):
        load_model(tmp_path)
    (tmp_path / "mllmu.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(UserError, match="expected a JSON object"):
        load_model(tmp_path)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "mps", "xpu:0", "meta"])
def test_unknown_devices_get_one_sentence(device):
    with pytest.raises(UserError, match="evice"):
        load_model("tiny", device)


def test_missing_weights_are_not_drawn_at_random(loaded, tmp_path):
    """A folder that lost a tensor would otherwise load, warn, and answer nonsense."""
    save_model(loaded, tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    lost = next(name for name in tensors if name.endswith("linear_1.weight"))
    del tensors[lost]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"lacks 1 weights, the first is '.*linear_1\.weight'"):
        load_model(tmp_path, "cpu")


def test_weights_of_another_shape_are_named(loaded, tmp_path):
    """A config.json of another model next to the weights."""
    save_model(loaded, tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    other = next(name for name in tensors if name.endswith("linear_1.weight"))
    rows, columns = tensors[other].shape
    tensors[other] = torch.zeros(rows + 1, columns)
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(UserError) as caught:
        load_model(tmp_path, "cpu")
    shapes = f"[{rows + 1}, {columns}]; expected [{rows}, {columns}]"
    for words in ("1 weights of another shape", "linear_1.weight", shapes):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    "error", [ImportError("\nIt needs the num2words library."), RuntimeError("It could not be converted.")]
)
def test_what_a_library_lacks_or_cannot_do_gets_one_sentence(error, monkeypatch):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(AutoProcessor, "from_pretrained", refuse)
    with pytest.raises(UserError, match=r"'tiny' could not be loaded \(It .*\.\)"):
        load_model("tiny", "cpu")


@pytest.mark.parametrize(
    ("dtype", "value", "loaded_as", "says"),
    [
        (torch.float32, float("nan"), None, r"NaN .* \(float32\)"),
        (torch.float32, float("-inf"), None, "infinity"),
        (torch.float16, float("inf"), None, "infinity"),
        (torch.bfloat16, float("nan"), None, "NaN"),
        (torch.float32, 1e30, torch.float16, r"infinity .* \(float16\)"),
    ],
)
@pytest.mark.parametrize("index", [0, -1])
def test_weights_that_are_no_numbers_are_named(loaded, tmp_path, dtype, value, loaded_as, says, index):
    """Models fine-tuned with too high a rate hold NaN; wherever the value stands, no score would tell."""
    save_model(loaded, tmp_path)
    file = tmp_path / "model.safetensors"
    weights = {name: weight.to(dtype) for name, weight in load_file(file).items()}
    name = next(name for name in weights if "multi_modal_projector" in name and weights[name].ndim == 2)
    weights[name][index, index] = value
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(UserError, match=f"holds {says}") as refused:
        load_model(tmp_path, "cpu", loaded_as)
    assert "multi_modal_projector" in str(refused.value)


def test_large_but_finite_weights_are_loaded(loaded, tmp_path):
    """A sum would overflow."""
    save_model(loaded, tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights = {name: weight.clamp(-1, 1).to(torch.float16) * 6e4 for name, weight in weights.items()}
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert load_model(tmp_path, "cpu", torch.float16).model


def test_contradictory_generation_settings_do_not_lose_a_trained_model(loaded, tmp_path, caplog):
    """Published LLaVA models have a temperature without sampling, which transformers refuses to save."""
    brought = loaded.model.generation_config
    contradictory = copy.deepcopy(brought)
    contradictory.do_sample, contradictory.temperature = False, 0.2
    loaded.model.generation_config = contradictory
    try:
        save_model(loaded, tmp_path)
        assert loaded.model.generation_config is contradictory
    finally:
        loaded.model.generation_config = brought
    assert "only its special tokens are saved" in caplog.text
    again = load_model(tmp_path, "cpu").model.generation_config
    assert (again.eos_token_id, again.temperature) == (brought.eos_token_id, brought.temperature)
