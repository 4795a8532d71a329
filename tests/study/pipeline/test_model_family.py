"""Protects: what a stage is found by holds everything that can change its result."""

import json
import shutil
from types import SimpleNamespace

import pytest

from mllmu.benchmark import Benchmark, Split
from mllmu.study import stages
from mllmu.study.pipeline.model_family import ModelFamily
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


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [("config.json", ("text_config", "rms_norm_eps"), 0.5), ("generation_config.json", ("eos_token_id",), 7)],
)
def test_a_family_knows_its_configuration(random_model_folder, copied, name, path, value):
    """The same weights compute something else with another constant, or stop at another token."""
    file = copied / name
    settings = json.loads(file.read_text(encoding="utf-8"))
    place = settings
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert ModelFamily(str(copied), "cpu").fingerprint != ModelFamily(random_model_folder, "cpu").fingerprint


def test_a_method_that_is_corrected_is_applied_anew(random_model_folder, monkeypatch, tmp_path):
    family, vanilla = (
        ModelFamily(str(random_model_folder), "cpu"),
        SimpleNamespace(facts={"fingerprint": "v"}),
    )
    order, hashes = stages.UnlearningOrder("ga", "text", {}, 0), set()
    method = tmp_path / "method.py"
    monkeypatch.setattr(stages.inspect, "getfile", lambda kind: str(method))
    for code in ("-nll", "-nll", "-2 * nll"):
        method.write_text(code)
        hashes.add(stages.unlearning_stage(family, vanilla, NOBODY, Split(10, (), ()), order).hash)
    assert len(hashes) == 2


@pytest.mark.parametrize(("rehearsal", "hashes"), [(0, 1), (3, 2)])
def test_what_is_rehearsed_depends_on_the_generator(random_model_folder, monkeypatch, rehearsal, hashes):
    family, settings = ModelFamily(str(random_model_folder), "cpu"), TrainingSettings(rehearsal=rehearsal)
    found = {stages.fine_tuning_stage("", family, NOBODY, (), settings, 0).hash}
    monkeypatch.setattr(stages, "SYNTHESIS_VERSION", stages.SYNTHESIS_VERSION + 1)
    found.add(stages.fine_tuning_stage("", family, NOBODY, (), settings, 0).hash)
    assert len(found) == hashes


def test_automatic_precision_is_what_the_machine_makes_of_it(random_model_folder, monkeypatch):
    family = ModelFamily(str(random_model_folder), "cpu")
    hashes = set()
    for native in (False, True):
        monkeypatch.setattr("mllmu.training.precision.computes_bfloat16", lambda device, it=native: it)
        stage = stages.fine_tuning_stage("", family, NOBODY, (), TrainingSettings(), 0)
        hashes.add(stage.hash)
    assert len(hashes) == 2
