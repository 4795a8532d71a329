"""Protects: what a stage is found by holds everything that can change its result."""

import json
import shutil

import pytest

from mllmu.benchmark import Benchmark
from mllmu.study import stages
from mllmu.study.family import ModelFamily
from mllmu.training import TrainingSettings

NOBODY = Benchmark("nobody", {}, {}, {}, {})


@pytest.fixture
def copied(random_model_folder, tmp_path):
    return shutil.copytree(random_model_folder, tmp_path / "elsewhere" / "model")


def test_a_family_does_not_depend_on_where_it_lies(random_model_folder, copied):
    assert ModelFamily(str(copied), "cpu").fingerprint == ModelFamily(random_model_folder, "cpu").fingerprint


def test_a_family_knows_its_chat_template_and_its_tokenizer(random_model_folder, copied):
    """The same weights behind other prompts learn and answer differently."""
    known = {ModelFamily(str(random_model_folder), "cpu").fingerprint}
    template = copied / "chat_template.jinja"
    template.write_text(template.read_text(encoding="utf-8").replace("USER", "HUMAN"), encoding="utf-8")
    known.add(ModelFamily(str(copied), "cpu").fingerprint)
    file = copied / "processor_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["image_processor"]["image_mean"] = [0.5, 0.5, 0.5]
    file.write_text(json.dumps(settings), encoding="utf-8")
    known.add(ModelFamily(str(copied), "cpu").fingerprint)
    assert len(known) == 3


def test_automatic_precision_is_what_the_machine_makes_of_it(random_model_folder, monkeypatch):
    family = ModelFamily(str(random_model_folder), "cpu")
    hashes = set()
    for native in (False, True):
        monkeypatch.setattr("mllmu.training.precision.computes_bfloat16", lambda device, it=native: it)
        stage = stages.fine_tuning_stage("", family, NOBODY, (), TrainingSettings(), 0)
        hashes.add(stage.hash)
    assert len(hashes) == 2
