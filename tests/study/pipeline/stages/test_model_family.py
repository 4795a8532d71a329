"""Protects: what tells one family of models from another holds everything that can change an answer."""

import json
import shutil

import pytest

from mllmu.study.pipeline.stages.model_family import ModelFamily


@pytest.fixture
def copied(random_model_folder, tmp_path):
    return shutil.copytree(random_model_folder, tmp_path / "elsewhere" / "model")


def test_a_family_does_not_depend_on_where_it_lies(random_model_folder, copied):
    assert ModelFamily(str(copied), "cpu").fingerprint == ModelFamily(random_model_folder, "cpu").fingerprint


def test_a_family_knows_its_chat_template_and_its_tokenizer(random_model_folder, copied):
    """The same weights behind other prompts learn and answer differently."""
    fingerprints = {ModelFamily(str(random_model_folder), "cpu").fingerprint}
    template = copied / "chat_template.jinja"
    template.write_text(template.read_text(encoding="utf-8").replace("USER", "HUMAN"), encoding="utf-8")
    fingerprints.add(ModelFamily(str(copied), "cpu").fingerprint)
    file = copied / "processor_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["image_processor"]["image_mean"] = [0.5, 0.5, 0.5]
    file.write_text(json.dumps(settings), encoding="utf-8")
    fingerprints.add(ModelFamily(str(copied), "cpu").fingerprint)
    assert len(fingerprints) == 3


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [("config.json", ("text_config", "rms_norm_eps"), 0.5), ("generation_config.json", ("eos_token_id",), 7)],
)
def test_a_family_knows_its_configuration(random_model_folder, copied, name, path, value):
    """The same weights compute something else with another constant, or stop at another token."""
    file = copied / name
    settings = json.loads(file.read_text(encoding="utf-8"))
    part_of = settings
    for part in path[:-1]:
        part_of = part_of[part]
    part_of[path[-1]] = value
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert ModelFamily(str(copied), "cpu").fingerprint != ModelFamily(random_model_folder, "cpu").fingerprint
