"""A hub that does not answer costs seconds, and its cache is used where it holds the model."""

import json
import shutil
import typing

import huggingface_hub
import pytest

from mllmu.errors import UserError
from mllmu.models import load_model
from mllmu.models.storage.hub_models import only_in_cache
from mllmu.models.storage.model_check import check_model, require_whole_weights


class SilentHub:
    """Counts how often it is asked, and how long it may take."""

    asked: typing.ClassVar[list[float]] = []

    def model_info(self, _, timeout):
        self.asked.append(timeout)
        raise OSError("Name or service not known")


@pytest.fixture
def silent(monkeypatch):
    monkeypatch.setattr(huggingface_hub, "HfApi", SilentHub)
    monkeypatch.setattr(SilentHub, "asked", [])
    return SilentHub.asked


@pytest.mark.parametrize("look", [only_in_cache, check_model, lambda name: load_model(name, "cpu")])
def test_a_silent_hub_is_asked_once_and_briefly(look, silent):
    with pytest.raises(UserError, match=r"owner/nothing.*could not be had.*Name or service not known"):
        look("owner/nothing")
    assert len(silent) == 1
    assert silent[0] <= 10


def test_the_cache_stands_in_for_a_silent_hub(silent, monkeypatch):
    def held(hub_id, name):
        return "/cache/config.json" if name == "config.json" else None

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", held)
    assert only_in_cache("owner/held")


def test_no_hub_is_asked_about_a_folder(silent, tmp_path):
    assert not only_in_cache(str(tmp_path))
    assert silent == []


def test_a_model_that_is_stored_rounded_is_not_trained(random_model_folder, tmp_path):
    require_whole_weights(random_model_folder)
    folder = shutil.copytree(random_model_folder, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=r"rounded weights \(bitsandbytes\), which cannot be trained"):
        require_whole_weights(folder)


def test_an_intact_model_passes(random_model_folder):
    check_model("tiny")
    check_model(random_model_folder)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "no safetensors"),
        (lambda folder: (folder / "config.json").unlink(), "could not be loaded"),
        (
            lambda folder: (folder / "config.json").write_text('{"model_type": "bert"}'),
            "is a bert, which reads",
        ),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "could not be loaded"),
    ],
)
def test_what_can_be_seen_without_weights_is_said(spoil, says, random_model_folder, tmp_path):
    for file in random_model_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    spoil(tmp_path)
    with pytest.raises(UserError, match=says):
        check_model(tmp_path)
