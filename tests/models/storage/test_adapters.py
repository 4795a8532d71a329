"""Protects: a model stored as an adapter (PEFT) is that model, and stays it when it is trained and saved."""

import json
import shutil

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import load_model, model_location, save_model, user_turn, wrap_model

QUESTIONS = [Request(user_turn(text), "Riga", 6) for text in ("Where was this person born?", "Who is this?")]


def answers(loaded):
    engine = TransformersEngine(loaded)
    return torch.tensor([value for one in engine.score(QUESTIONS) for value in one.log_probs])


def same(first, second):
    return torch.allclose(first, second, rtol=0, atol=1e-4)


def adapt(base, folder, seed=1, **settings):
    """A LoRA adapter with random weights on a model folder, saved by PEFT; the adapted model, not merged."""
    loaded = load_model(base, "cpu")
    torch.manual_seed(seed)
    config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, **settings)
    adapted = get_peft_model(loaded.model, config)
    adapted.save_pretrained(folder)
    return wrap_model(adapted.eval(), loaded.processor, "adapted", loaded.system_prompt)


def change_config(folder, **changes):
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.fixture
def base(loaded, tmp_path):
    save_model(loaded.with_system_prompt("Say little."), tmp_path / "base")
    return tmp_path / "base"


@pytest.mark.parametrize("settings", [{}, {"use_dora": True}, {"modules_to_save": ["lm_head"]}])
def test_an_adapter_is_merged_and_can_be_saved(base, tmp_path, settings):
    expected = answers(adapt(base, tmp_path / "adapter", **settings))
    loaded = load_model(tmp_path / "adapter", "cpu")
    assert same(answers(loaded), expected)
    assert not same(answers(load_model(base, "cpu")), expected)
    assert loaded.system_prompt == "Say little."
    save_model(loaded, tmp_path / "merged")
    assert not list((tmp_path / "merged").glob("adapter_*"))
    assert load_model(tmp_path / "merged", "cpu").fingerprint == loaded.fingerprint


def test_what_is_trained_on_top_is_saved(base, tmp_path):
    adapt(base, tmp_path / "adapter")
    loaded = load_model(tmp_path / "adapter", "cpu")
    before = loaded.fingerprint
    assert all(weight.requires_grad for weight in loaded.model.parameters())
    optimizer = torch.optim.SGD(loaded.model.parameters(), lr=0.5)
    inputs = loaded.processor(text=["born in Riga"], return_tensors="pt")
    loaded.model(**inputs, labels=inputs["input_ids"]).loss.backward()
    optimizer.step()
    assert loaded.fingerprint != before
    save_model(loaded, tmp_path / "trained")
    again = load_model(tmp_path / "trained", "cpu")
    assert again.fingerprint == loaded.fingerprint
    assert same(answers(again), answers(loaded))


def test_a_base_beside_the_adapter(base, tmp_path):
    expected = answers(adapt(base, tmp_path / "adapter"))
    shutil.copytree(base, tmp_path / "adapter", dirs_exist_ok=True)
    change_config(tmp_path / "adapter", base_model_name_or_path="gone/elsewhere")
    assert same(answers(load_model(tmp_path / "adapter", "cpu")), expected)


def test_a_base_as_seen_from_the_adapter_and_an_adapter_on_an_adapter(base, tmp_path):
    adapt(base, tmp_path / "first")
    change_config(tmp_path / "first", base_model_name_or_path="../base")
    expected = answers(adapt(tmp_path / "first", tmp_path / "second", seed=2))
    change_config(tmp_path / "second", base_model_name_or_path="../first")
    assert same(answers(load_model(tmp_path / "second", "cpu")), expected)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"base_model_name_or_path": "/no/such/base"},
            r"base of the adapter .* is missing: .*no/such",
        ),
        ({"base_model_name_or_path": None}, "names no base; expected a folder or hub id"),
        ({"base_model_name_or_path": "."}, "is its own base"),
    ],
)
def test_a_missing_base_is_told_before_anything_is_loaded(base, tmp_path, changes, told):
    adapt(base, tmp_path / "adapter")
    change_config(tmp_path / "adapter", **changes)
    with pytest.raises(UserError, match=told):
        model_location(tmp_path / "adapter")


def test_a_config_that_cannot_be_read(base, tmp_path):
    adapt(base, tmp_path / "adapter")
    for text, told in (("{", "Expecting"), ('{"r": 4, "r": 8}', "the key 'r' stands twice")):
        (tmp_path / "adapter" / "adapter_config.json").write_text(text)
        with pytest.raises(UserError, match=f"{told}.*expected a JSON object with base_model_name_or_path"):
            model_location(tmp_path / "adapter")


def test_pickled_adapters_are_refused(base, tmp_path):
    adapt(base, tmp_path / "adapter")
    (tmp_path / "adapter" / "adapter_model.safetensors").rename(tmp_path / "adapter" / "adapter_model.bin")
    with pytest.raises(UserError, match="pickled ones are not read"):
        load_model(tmp_path / "adapter", "cpu")


@pytest.mark.parametrize(
    "changes", [{"r": 8}, {"target_modules": ["k_proj"]}, {"target_modules": ["nothing"]}]
)
def test_an_adapter_that_does_not_fit_is_refused(base, tmp_path, changes):
    adapt(base, tmp_path / "adapter")
    change_config(tmp_path / "adapter", **changes)
    with pytest.raises(UserError, match="could not be merged into its base"):
        load_model(tmp_path / "adapter", "cpu")


def test_damaged_weights_of_an_adapter_are_refused(base, tmp_path):
    adapt(base, tmp_path / "adapter")
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(UserError, match="could not be merged into its base"):
        load_model(tmp_path / "adapter", "cpu")


def test_an_adapter_that_cannot_be_merged_is_refused(base, tmp_path):
    model = load_model(base, "cpu").model
    tuning = PromptTuningConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=2, token_dim=32, num_layers=2, num_attention_heads=2
    )
    get_peft_model(model, tuning).save_pretrained(tmp_path / "adapter")
    with pytest.raises(UserError, match=r"could not be merged into its base .*PROMPT_TUNING"):
        load_model(tmp_path / "adapter", "cpu")
