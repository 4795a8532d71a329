"""Protects: only models that others can load are sent, nothing beside them, and refusals are a sentence."""

import json
import shutil
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file

from mllmu.models import load_model
from tests.fake_hub import Repository


@pytest.fixture
def adapter_on(random_model_folder, tmp_path):
    """Make an adapter whose config names a base."""

    def make(base, model=random_model_folder):
        config = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
        folder = tmp_path / "adapter"
        get_peft_model(load_model(model, "cpu").model, config).save_pretrained(folder)
        file = folder / "adapter_config.json"
        written = json.loads(file.read_text()) | {"base_model_name_or_path": str(base)}
        file.write_text(json.dumps(written))
        return folder

    return make


def on_hub(folder):
    return Repository(files={file.name: file.read_bytes() for file in folder.iterdir()})


def test_what_is_no_part_of_a_model_is_named_and_stays(whole, hub, push):
    (whole / ".env").write_text("KEY=1")
    (whole / "logs").mkdir()
    (whole / "logs" / "config.json").write_text("{}")
    private = {".env", "LICENSE_of_my_notes.txt", "logs/config.json", "optimizer.safetensors"}
    for name in ("LICENSE_of_my_notes.txt", "optimizer.safetensors", "LICENSE.txt"):
        (whole / name).write_text("x")
    code, said = push("model", whole, "--to", "owner/whole", "--yes")
    assert code == 0 and f"not sent, as they are no part of a model: {', '.join(sorted(private))}." in said
    files = hub.repositories["model", "owner/whole"].files
    assert not private & set(files) and "LICENSE.txt" in files
    card = ModelCard(files["README.md"].decode())
    assert "No scores came with this model." in card.text and "not recorded" in card.text
    assert card.data.eval_results is None and "fictitious-people" not in card.data.tags


def test_an_adapter_stays_an_adapter_on_its_base(whole, adapter_on, hub, push):
    hub.repositories["model", "owner/base"] = on_hub(whole)
    adapter = adapter_on("owner/base")
    code, said = push("model", adapter, "--to", "owner/adapter", "--yes")
    assert code == 0, said
    files = hub.repositories["model", "owner/adapter"].files
    assert set(files) == {".gitattributes", "README.md", "adapter_config.json", "adapter_model.safetensors"}
    card = ModelCard(files["README.md"].decode())
    assert (card.data.base_model, card.data.library_name) == ("owner/base", "peft")
    assert 'from_pretrained("owner/base")' in card.text
    added = load_file(adapter / "adapter_model.safetensors")
    assert (
        len(added) and load_model("owner/adapter", "cpu").fingerprint != load_model(whole, "cpu").fingerprint
    )


def test_a_base_that_the_hub_does_not_have_is_told_before_anything_is_made(adapter_on, hub, push):
    code, said = push("model", adapter_on("owner/base"), "--to", "owner/adapter", "--yes")
    assert code == 2 and "the base owner/base could not be looked up" in said
    assert hub.repositories == {}


def test_a_base_of_this_machine_is_refused(whole, adapter_on, hub, push):
    adapter = adapter_on(whole)
    code, said = push("model", adapter, "--to", "owner/adapter", "--yes")
    assert code == 2 and f"mllmu export {adapter} --out NEW_FOLDER" in said
    shutil.rmtree(whole)
    code, said = push("model", adapter, "--to", "owner/adapter", "--yes")
    assert code == 2 and "is missing" in said
    assert hub.asked == []


def test_a_base_that_nobody_can_have_is_refused_also_beside_a_whole_model(whole, adapter_on, hub, push):
    adapter = adapter_on("my base")
    code, said = push("model", adapter, "--to", "owner/adapter", "--yes")
    assert code == 2 and "is missing: There is no model 'my base'" in said
    shutil.copytree(whole, adapter, dirs_exist_ok=True)
    code, said = push("model", adapter, "--to", "owner/adapter", "--yes")
    assert code == 2 and f"{adapter} stands on 'my base'; expected a hub id as its base." in said
    assert hub.asked == []


def test_a_built_in_base_is_everybodys(adapter_on, hub, push):
    code, said = push("model", adapter_on("tiny", "tiny"), "--to", "owner/adapter", "--yes")
    assert code == 0, said
    assert load_model("owner/adapter", "cpu").fingerprint != load_model("tiny", "cpu").fingerprint
    card = ModelCard(hub.repositories["model", "owner/adapter"].files["README.md"].decode())
    assert card.data.base_model is None and "tiny, the model that comes with mllmu" in card.text
    assert "PeftModel" not in card.text


def outside(folder: Path):
    secret = folder.parent / "secret.json"
    secret.write_text("{}")
    (folder / "added_tokens.json").symlink_to(secret)


def damaged(folder: Path):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (shutil.rmtree, "There is no folder"),
        (lambda folder: (folder / "config.json").unlink(), "holds no model"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "model.bin"), "holds no model"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "could not be loaded"),
        (damaged, "cannot be read"),
        (outside, "added_tokens.json leads out of"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(spoil, says, whole, hub, push):
    spoil(whole)
    code, said = push("model", whole, "--to", "owner/whole", "--yes")
    assert (code, says in said, hub.asked) == (2, True, []), said


@pytest.mark.parametrize(
    "name", ["whole", "a/b/c", "owner/a--b", "../whole", "owner/" + "a" * 100, "owner/a b"]
)
def test_a_name_that_no_repository_can_have_is_refused(name, whole, hub, push):
    code, said = push("model", whole, "--to", name, "--yes")
    assert (code, hub.asked) == (2, []) and "expected owner/name" in said


def test_without_a_token_nothing_is_asked(whole, hub, push, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    code, said = push("model", whole, "--to", "owner/whole", "--yes")
    assert (code, hub.asked) == (2, []) and "There is no token" in said and "HF_TOKEN" in said


@pytest.mark.parametrize(
    ("path", "says"),
    [("/api/repos/create", "could not be made"), ("/api/models/owner/whole/commit", "could not be written")],
)
def test_a_refusal_of_the_hub_is_one_sentence_without_the_token(path, says, whole, hub, push):
    """The hub repeats the header that it was sent; `push` looks for the token in all that is said."""
    hub.refused = path
    code, said = push("model", whole, "--to", "owner/whole", "--yes")
    assert code == 2 and f"mllmu: owner/whole {says}" in said and "403" in said


def test_a_hub_that_is_not_there_is_one_sentence(whole, hub, push, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    code, said = push("model", whole, "--to", "owner/whole", "--yes")
    assert code == 2 and "owner/whole could not be looked up" in said


def test_a_repository_is_written_again_only_where_nothing_stays_beside(whole, hub, push):
    to = ["--to", "owner/whole", "--yes"]
    assert push("model", whole, *to)[0] == push("model", whole, *to)[0] == 0
    repository = hub.repositories["model", "owner/whole"]
    code, said = push("model", whole, *to, "--public")
    assert code == 2 and "is there already and is private" in said
    repository.files["adapter_config.json"] = b"{}"
    commits = repository.commits
    code, said = push("model", whole, *to)
    assert (code, repository.commits) == (
        2,
        commits,
    ) and "holds adapter_config.json, which would stay" in said
